/** ABBA on one CPU and on two, with every generation and both policies: a result, never an endless walk. */
import type { DeadlockPolicy } from '@proxysched/core';
import { fifo, lock, run, scenarioOf, unlock, type TestTask } from '@proxysched/core/test-kit';
import { GENERATIONS, type GenerationName } from '../src/index.js';
import { DEQUEUE, simulate } from './kit.js';

const NAMES = Object.keys(GENERATIONS) as GenerationName[];

const HALT_AT_BLOCK: DeadlockPolicy = {
  name: 'at-block',
  onBlock: () => ({ kind: 'halt' }),
  onCycle: () => ({ kind: 'halt' }),
  onStall: () => ({ kind: 'halt' }),
};
const { onBlock: _, ...HALT_AT_WALK } = { ...HALT_AT_BLOCK, name: 'at-walk' };
const SIT_OUT: DeadlockPolicy = { name: 'idle', onCycle: () => ({ kind: 'idle' }), onStall: () => ({ kind: 'halt' }) };

function abba(cpus: 1 | 2): ReturnType<typeof scenarioOf> {
  const tasks: Record<string, TestTask> = {
    a: { policy: fifo(1), cpus: [0], ops: [lock(0), run(5), lock(1), unlock(1), unlock(0)] },
    b: {
      policy: fifo(cpus === 1 ? 2 : 1),
      start: cpus === 1 ? 2 : 0,
      cpus: [cpus - 1],
      ops: [lock(1), run(6), lock(0), unlock(0), unlock(1)],
    },
    bystander: { cpus: [0], ops: [run(10)] },
  };
  return scenarioOf({ cpus, until: 1000, tasks });
}

const names = (result: ReturnType<typeof simulate>['result']): string =>
  result.outcome === 'deadlock'
    ? result.cycle
        .map(p => p.comm)
        .sort()
        .join(' ')
    : '';

describe.each(NAMES)('%s', name => {
  test.each([1, 2] as const)('%i CPU(s): halting at block names the cycle at the instant it closes', cpus => {
    const { result } = simulate(abba(cpus), name, {}, { deadlock: HALT_AT_BLOCK });
    expect(result).toMatchObject({ outcome: 'deadlock', at: cpus === 1 ? 11 : 6 });
    expect(names(result)).toBe('a b');
  });

  test.each([1, 2] as const)('%i CPU(s): dequeuing lets the bystander go on, and the cycle is the result in the end', cpus => {
    const { result, sink, machine } = simulate(abba(cpus), name, {}, { deadlock: DEQUEUE });
    expect(result).toMatchObject({ outcome: 'deadlock', at: 1000 });
    expect(names(result)).toBe('a b');
    expect(sink.of('taskExit').map(line => line.split(' ')[2])).toEqual(['bystander']);
    expect(machine.rqs.map(rq => rq.nrQueued)).toEqual(machine.rqs.map(() => 0));
  });
});

test.each([
  ['v4', 1],
  ['v4', 2],
  ['6.17', 1],
  ['7.3', 1],
  ['7.3', 2],
] as const)('%s, %i CPU(s): halting at walk comes as soon as the cycle is picked on one queue', (name, cpus) => {
  const { result } = simulate(abba(cpus), name, {}, { deadlock: HALT_AT_WALK });
  expect(result).toMatchObject({ outcome: 'deadlock', at: cpus === 1 ? 11 : 6 });
  expect(names(result)).toBe('a b');
});

test('6.17 on two CPUs: nobody walks over to the other CPU, so the walk never meets the cycle', () => {
  const { result, sink } = simulate(abba(2), '6.17', {}, { deadlock: HALT_AT_WALK });
  expect(result).toMatchObject({ outcome: 'deadlock', at: 1000 });
  expect(sink.of('deadlock')).toEqual([]);
});

test('a task that only waits for a member of the cycle is no victim, and does not stop the CPU either', () => {
  const scenario = abba(1);
  const behind = scenarioOf({
    until: 1000,
    tasks: {
      a: { policy: fifo(1), ops: scenario.tasks[0]!.program.ops },
      b: { policy: fifo(2), start: 2, ops: scenario.tasks[1]!.program.ops },
      c: { policy: fifo(3), start: 3, ops: [lock(1), unlock(1)] },
      bystander: { start: 20, ops: [run(10)] },
    },
  });
  for (const name of ['v4', '6.17', '7.3'] as const) {
    const { sink, machine } = simulate(behind, name, {}, { deadlock: DEQUEUE });
    expect(sink.of('deadlock').map(line => line.split(' ').slice(2).sort().join(' '))).toEqual(['a b dequeue']);
    expect(sink.of('taskExit')).toEqual(['30 taskExit bystander']);
    expect(machine.rqs[0]!.nrQueued).toBe(0);
  }
});

test('sitting it out: the CPU idles, the run ends at its limit, and others are not touched', () => {
  const { result } = simulate(abba(2), '7.3', {}, { deadlock: SIT_OUT });
  expect(result).toMatchObject({ outcome: 'deadlock', at: 1000 });
});
