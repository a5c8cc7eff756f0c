/** As users get it: in the place of the fair class of the preset, with locks, with and without proxy execution. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvariantChecker } from '@proxysched/check';
import { fifo, lock, nice, RecordingSink, run, scenarioOf, sleep, unlock, type TestTask } from '@proxysched/core/test-kit';
import { generationOptions, linux, type GenerationName } from '@proxysched/preset-linux';
import { createSimulation } from '@proxysched/sim';
import roundRobin from '../src/index.js';

const MS = 1e6;

function simulate(generation: GenerationName, tasks: Record<string, TestTask>, cpus = 1, hz: number | null = null) {
  const [sink, checker] = [new RecordingSink(), new InvariantChecker()];
  const options = { ...generationOptions(generation), 'round-robin.slice': 2 * MS };
  const scenario = scenarioOf({ cpus, tasks, options, machine: { hz }, until: 1_000 * MS });
  const simulation = createSimulation(scenario, [...linux(generation), roundRobin], [checker, sink]);
  return { simulation, sink, result: simulation.run(checker.probe) };
}

/** low holds what high wants, and three others want nothing but time. */
const inversion: Record<string, TestTask> = {
  low: { policy: nice(0), ops: [lock(0), run(10 * MS), unlock(0)] },
  ...Object.fromEntries([1, 2, 3].map(i => [`mid${i}`, { policy: nice(0), ops: [run(10 * MS)] }])),
  high: { policy: fifo(1), start: 1 * MS, ops: [lock(0), run(1 * MS), unlock(0), sleep(5 * MS), lock(0), run(1 * MS), unlock(0)] },
};

test('it takes all policies of fair, whose place it gets in the precedence', () => {
  expect(simulate('off', inversion).simulation.classes).toEqual(['deadline', 'rt', 'round-robin']);
});

test.each(['off', 'v4', '6.17', '7.3'] as const)('%s: all work gets done, on one CPU and two, exactly and on ticks', generation => {
  for (const cpus of [1, 2]) {
    for (const hz of [null, 1000]) expect(simulate(generation, inversion, cpus, hz).result.outcome).toBe('finished');
  }
});

test('a lock: without proxying everyone has his turn before its owner gets on, with it the owner runs through', () => {
  const release = (generation: GenerationName): number =>
    Number(simulate(generation, inversion).sink.of('mutexReleased')[0]!.split(' ')[0]) / MS;
  expect(release('off')).toBeGreaterThan(30);
  expect(release('7.3')).toBe(10);
});

test('the class fits on a screen', () => {
  const text = readFileSync(join(import.meta.dirname, '..', 'src', 'round-robin.ts'), 'utf8');
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(36);
});
