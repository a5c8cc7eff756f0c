/** The other files of a scenario's folder: variants that have expectations and no golden trace. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GENERATIONS, generationOptions, linux, type GenerationName } from '@proxysched/preset-linux';
import { createSimulation } from '@proxysched/sim';
import { ColumnSink, computeMetrics, judge } from '@proxysched/trace';
import { readWorkload } from '@proxysched/workload';

const ALL = Object.keys(GENERATIONS) as GenerationName[];
const FILES = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .flatMap(({ name }) => readdirSync(join(import.meta.dirname, name)).flatMap(file => (/\.yaml$/.test(file) ? [join(name, file)] : [])))
  .filter(path => !path.endsWith('scenario.yaml'));

test.each(FILES.flatMap(path => ALL.map(generation => [path, generation] as const)))(
  '%s: what it expects holds under %s',
  (path, generation) => {
    const file = join(import.meta.dirname, path);
    const read = readWorkload(readFileSync(file, 'utf8'), { file, generations: ALL });
    if (!read.ok) throw new Error(read.diagnostics.map(d => d.message).join('\n'));
    const columns = new ColumnSink();
    const options = { ...generationOptions(generation), ...read.scenario.options };
    createSimulation({ ...read.scenario, options }, linux(generation), [columns]).run();
    const metrics = computeMetrics(columns);
    const mine = read.expectations.filter(e => (e.under?.includes(generation) ?? true) && !e.except.includes(generation));
    expect(mine.length).toBeGreaterThan(0);
    expect(mine.flatMap(e => (judge(e.claim, metrics).holds ? [] : [`${e.text}, found ${judge(e.claim, metrics).found}`]))).toEqual([]);
  },
);
