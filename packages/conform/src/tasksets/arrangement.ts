import { publishedProtocol } from '@proxysched/inherit';
import { generationOptions, linux } from '@proxysched/preset-linux';
import type { OptionValue } from '@proxysched/core';
import type { SimModule } from '@proxysched/kit';
import { NotModelled } from './compile.js';
import { READY_LINE, readyLine } from './ready-line.js';
import type { Protocol } from './rules.js';

/** What a task set runs on: the preset, and what does something about its locks. */
export interface Arrangement {
  readonly modules: readonly SimModule[];
  readonly options: Readonly<Record<string, OptionValue>>;
  /** Kind of the mutexes; absent: the kernel's. */
  readonly locks?: string;
}

const OFF: Arrangement = { modules: [...linux('off'), readyLine], options: {}, locks: READY_LINE };

/**
 * With proxy execution on one CPU the runner is the end of the best context's chain, which is the task with the best
 * inherited priority (`oracles.md` 4) or, with budgets, the one that bandwidth inheritance selects. A release names the donor
 * behind the releaser, and theory preempts at once where the kernel sees nothing to preempt.
 */
const PROXY: Arrangement = { modules: linux('7.3'), options: { ...generationOptions('7.3'), 'proxy.lendUntil': 'release' } };

/** Throws `NotModelled` for a protocol that there is no resolver for. */
export function arrangementFor(protocol: Protocol): Arrangement {
  if (protocol === 'proxy') return PROXY;
  if (protocol === 'none') return OFF;
  const found = publishedProtocol(protocol);
  if (found === undefined) throw new NotModelled(`there is no ${protocol} here`);
  return { modules: [...linux('off'), found.module], options: found.options };
}
