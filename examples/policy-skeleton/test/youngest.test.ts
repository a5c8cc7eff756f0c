/** Two tasks take two locks in opposite order while a third has nothing to do with it. Times in ms. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fifo, lock, nice, RecordingSink, run, scenarioOf, unlock, type TestTask } from '@proxysched/core/test-kit';
import { generationOptions, linux, type GenerationName } from '@proxysched/preset-linux';
import { createSimulation } from '@proxysched/sim';
import policy from '../src/index.js';

const MS = 1e6;
const both = (first: number, second: number): TestTask['ops'] => [
  lock(first),
  run(2 * MS),
  lock(second),
  run(MS),
  unlock(second),
  unlock(first),
];
const abba: Record<string, TestTask> = {
  old: { ops: both(0, 1), policy: fifo(2), start: MS },
  young: { ops: both(1, 0), policy: fifo(1) },
  other: { ops: [run(20 * MS)], policy: nice(0) },
};

function simulate(generation: GenerationName, cpus: number, tasks = abba) {
  const sink = new RecordingSink();
  const scenario = scenarioOf({ cpus, tasks, until: 100 * MS, options: generationOptions(generation) });
  const simulation = createSimulation(scenario, [...linux(generation), policy], [sink]);
  return { result: simulation.run(), sink, kernel: simulation.kernel };
}

test('it takes the place of the policy in the preset', () => {
  expect(simulate('off', 1).kernel.deadlock.name).toBe('youngest');
});

// 6.17 walks no chain from one CPU to another.
test.each([
  ['v4', 1],
  ['v4', 2],
  ['6.17', 1],
  ['7.3', 1],
  ['7.3', 2],
] as const)('%s, CPUs: %i: the youngest goes, who is outside goes on, and the cycle is the result', (generation, cpus) => {
  const { result, sink, kernel } = simulate(generation, cpus);
  expect(sink.of('deadlock')).toEqual([expect.stringMatching(/ deadlock (old young|young old) dequeue$/)]);
  expect(sink.of('taskExit').map(line => line.split(' ')[2])).toEqual(['other']);
  expect(kernel.tasks.find(p => p.comm === 'young')).toMatchObject({ state: 'blocked', onRq: 'no' });
  expect(result.outcome).toBe('deadlock');
});

test('one CPU, 7.3: the walk meets the cycle at the instant it closes', () => {
  const [seen] = simulate('7.3', 1).sink.of('deadlock');
  expect(seen).toMatch(/^4000000 /);
});

test('classic blocking walks no chains: nobody asks, everybody sleeps, and the end of the run finds the cycle', () => {
  const { result, sink } = simulate('off', 1);
  expect(sink.of('deadlock')).toEqual([]);
  expect(result.outcome).toBe('deadlock');
});

test('without a cycle it is never asked', () => {
  const { result, sink } = simulate('7.3', 1, { ...abba, young: { ops: both(0, 1), policy: fifo(1) } });
  expect(sink.of('deadlock')).toEqual([]);
  expect(result.outcome).toBe('finished');
});

test('docs/deadlock-policies.md shows it as it is', () => {
  const root = join(import.meta.dirname, '..');
  const source = readFileSync(join(root, 'src', 'youngest.ts'), 'utf8');
  expect(readFileSync(join(root, '..', '..', 'docs', 'deadlock-policies.md'), 'utf8')).toContain(`\`\`\`ts\n${source}\`\`\`\n`);
});
