/** Every scenario under the checker: nobody runs where it may not, is in two places, or is lost, whatever the generation. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvariantChecker } from '@proxysched/check';
import { GENERATIONS, generationOptions, linux, type GenerationName } from '@proxysched/preset-linux';
import { createSimulation } from '@proxysched/sim';
import { readWorkload } from '@proxysched/workload';
import { testedTime } from './tested-time.js';

const FOLDERS = readdirSync(import.meta.dirname, { withFileTypes: true }).flatMap(entry => (entry.isDirectory() ? [entry.name] : []));
/** Of those that differ little from a neighbour one is enough. */
const LOOKED_AT: readonly GenerationName[] = ['off', 'v4', '7.1', '7.3', 'full'];
/**
 * A look takes as long as there are tasks and mutexes, and CPUs; with few tasks there is one at every event, with many mutexes at fewer; and
 * crowds of tasks are looked at under one generation.
 */
const FEW = 16;
const CROWD = 200;
const LONGEST = 300_000_000;

test.each(FOLDERS)('%s', folder => {
  const file = join(import.meta.dirname, folder, 'scenario.yaml');
  const read = readWorkload(readFileSync(file, 'utf8'), { file });
  if (!read.ok) throw new Error(`${file} cannot be read`);
  const { scenario } = read;
  const { tasks, mutexes, machine } = scenario;
  const every = Math.max(Math.ceil(tasks.length / FEW) ** 2 * Math.ceil((mutexes.length + 1) / CROWD), Math.ceil(machine.cpus / FEW));
  for (const generation of tasks.length < CROWD ? LOOKED_AT : (['7.3'] as const)) {
    expect(GENERATIONS).toHaveProperty([generation]);
    const checker = new InvariantChecker({ every });
    const options = { ...generationOptions(generation), ...scenario.options };
    const until = testedTime(folder, scenario.until, LONGEST);
    createSimulation({ ...scenario, until, options }, linux(generation), [checker]).run(checker.probe);
    expect(checker.checked).toBeGreaterThan(0);
  }
});
