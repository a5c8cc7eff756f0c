import { coreOptions, type OptionList } from '@proxysched/core';
import { createContainer, getAll, OPTION_LIST } from '@proxysched/kit';
import { generationOptions, linux } from '@proxysched/preset-linux';
import { parseGeneration } from '../generation.js';
import type { Io } from '../io.js';

const WIDTH = 80;

/** Prints the dials that the modules of a generation declare: name, value, alternatives, meaning. */
export function dials(generation: string, io: Io): void {
  const name = parseGeneration(generation);
  const container = createContainer();
  for (const m of linux(name)) m.register(container);
  const list = Object.assign({}, coreOptions, ...getAll(container, OPTION_LIST)) as OptionList;
  const row = generationOptions(name);
  for (const [dial, spec] of Object.entries(list)) {
    const value = row[dial] ?? spec.default;
    const others = spec.values === undefined ? '' : `   (${spec.values.join(' | ')})`;
    io.stdout.write(`${dial}=${value}${others}\n${wrapped(spec.about, '    ')}`);
  }
}

function wrapped(text: string, indent: string): string {
  const lines = [indent];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)!;
    const longer = last === indent ? indent + word : `${last} ${word}`;
    if (longer.length > WIDTH && last !== indent) lines.push(indent + word);
    else lines[lines.length - 1] = longer;
  }
  return `${lines.join('\n')}\n`;
}
