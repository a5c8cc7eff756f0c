/** A task's policy changes from outside: who runs next, and where the task stands, by what it was doing and the class it goes to. */
import type { Policy } from '@proxysched/core';
import { dlMs as dl, fifo, lock, nice, run, scenarioOf, sleep, unlock, type TestTask } from '@proxysched/core/test-kit';
import { createSimulation } from '@proxysched/sim';
import { generationOptions, linux } from '../src/index.js';

const MS = 1e6;
const idle: Policy = { kind: 'idle', nice: 0 };
const hog = (policy: Policy, start = 0): TestTask => ({ policy, start: start * MS, ops: [run(100 * MS)] });

/** `p` at 3 ms, on one CPU. */
const situations = {
  'fair, runs': { p: hog(nice(0)), other: hog(idle) },
  'fair, queued': { p: hog(nice(0)), other: hog(fifo(5)) },
  'fair, sleeps': { p: { policy: nice(0), ops: [sleep(50 * MS)] }, other: hog(nice(0)) },
  // It has run for long beside someone who has not, so it owes: its dequeue is delayed.
  'fair, in delayed dequeue': {
    p: { policy: { kind: 'normal', nice: 0, slice: 10 * MS }, ops: [run(2.5 * MS), sleep(50 * MS)] },
    other: hog({ kind: 'normal', nice: 0, slice: 10 * MS }),
  },
  'FIFO 10, runs': { p: hog(fifo(10)), other: hog(fifo(5)) },
  'FIFO 1, queued': { p: hog(fifo(1)), other: hog(fifo(5)) },
  'deadline, runs': { p: hog(dl(5, 10)), other: hog(fifo(5)) },
  'deadline, throttled': { p: hog(dl(1, 10)), other: hog(fifo(5)) },
  'FIFO 10, donates': {
    owner: { policy: nice(0), ops: [lock(0), run(20 * MS), unlock(0)] },
    p: { policy: fifo(10), start: MS, ops: [lock(0), run(MS), unlock(0)] },
    other: hog(fifo(5), 2),
  },
  'fair, waits on the queue': {
    owner: { policy: nice(0), ops: [lock(0), run(20 * MS), unlock(0)] },
    p: { policy: nice(-20), start: MS, ops: [lock(0), run(MS), unlock(0)] },
    other: hog(fifo(5), 2),
  },
} satisfies Record<string, Record<string, TestTask>>;

/** Runs until just after the change; `runner/donor p:where class`. */
function after(situation: keyof typeof situations, policy: Policy): string {
  const tasks: Record<string, TestTask> = situations[situation];
  const scenario = scenarioOf({ tasks, options: generationOptions('7.3'), until: 3 * MS + 1000 });
  const outside = [{ at: 3 * MS, task: Object.keys(tasks).indexOf('p'), act: 'setPolicy', policy } as const];
  const simulation = createSimulation({ ...scenario, outside }, linux('7.3'), []);
  simulation.run();
  const { kernel } = simulation;
  const { curr, donor } = kernel.rqs[0]!;
  const p = kernel.tasks.find(({ comm }) => comm === 'p')!;
  const where = p.onRq === 'no' ? 'off' : p.schedDelayed ? 'delayed' : 'queued';
  return `${curr === donor ? curr.comm : `${curr.comm} for ${donor.comm}`}; p ${where} in ${p.sched.cls.name}`;
}

const ROWS: readonly (readonly [keyof typeof situations, Policy, string])[] = [
  ['fair, runs', nice(10), 'p; p queued in fair'],
  ['fair, runs', fifo(1), 'p; p queued in rt'],
  ['fair, runs', dl(1, 10), 'p; p queued in deadline'],
  ['fair, queued', nice(-20), 'other; p queued in fair'],
  ['fair, queued', fifo(4), 'other; p queued in rt'],
  ['fair, queued', fifo(5), 'other; p queued in rt'],
  ['fair, queued', fifo(6), 'p; p queued in rt'],
  ['fair, queued', dl(1, 10), 'p; p queued in deadline'],
  ['fair, sleeps', nice(-20), 'other; p off in fair'],
  ['fair, sleeps', fifo(50), 'other; p off in rt'],
  ['fair, sleeps', dl(1, 10), 'other; p off in deadline'],
  ['fair, in delayed dequeue', nice(5), 'other; p delayed in fair'],
  ['fair, in delayed dequeue', fifo(50), 'other; p off in rt'],
  ['fair, in delayed dequeue', dl(1, 10), 'other; p off in deadline'],
  ['FIFO 10, runs', fifo(20), 'p; p queued in rt'],
  ['FIFO 10, runs', fifo(5), 'p; p queued in rt'], // lowered to the other's priority: at the head of it
  ['FIFO 10, runs', fifo(4), 'other; p queued in rt'],
  ['FIFO 10, runs', nice(0), 'other; p queued in fair'],
  ['FIFO 10, runs', dl(1, 10), 'p; p queued in deadline'],
  ['FIFO 1, queued', fifo(5), 'other; p queued in rt'],
  ['FIFO 1, queued', fifo(6), 'p; p queued in rt'],
  ['FIFO 1, queued', nice(0), 'other; p queued in fair'],
  ['FIFO 1, queued', dl(1, 10), 'p; p queued in deadline'],
  ['deadline, runs', fifo(4), 'other; p queued in rt'],
  ['deadline, runs', fifo(6), 'p; p queued in rt'],
  ['deadline, runs', nice(0), 'other; p queued in fair'],
  ['deadline, runs', dl(6, 10), 'p; p queued in deadline'],
  ['deadline, throttled', nice(0), 'other; p queued in fair'],
  ['deadline, throttled', fifo(6), 'p; p queued in rt'],
  ['deadline, throttled', dl(2, 10), 'other; p queued in deadline'], // its budget comes with its period all the same
  // Who waits for a lock on the queue leaves it when its policy changes, and is woken by the lock (`proxy-execution.md` 8.4).
  ['FIFO 10, donates', fifo(20), 'other; p off in rt'],
  ['FIFO 10, donates', fifo(4), 'other; p off in rt'],
  ['FIFO 10, donates', nice(0), 'other; p off in fair'],
  ['FIFO 10, donates', dl(1, 10), 'other; p off in deadline'],
  ['fair, waits on the queue', nice(19), 'other; p off in fair'],
  ['fair, waits on the queue', fifo(4), 'other; p off in rt'],
  ['fair, waits on the queue', fifo(6), 'other; p off in rt'],
  ['fair, waits on the queue', dl(1, 10), 'other; p off in deadline'],
];

test.each(ROWS.map(([situation, policy, expected]) => [situation, JSON.stringify(policy), policy, expected] as const))(
  '%s, becomes %s',
  (situation, _name, policy, expected) => {
    expect(after(situation, policy)).toBe(expected);
  },
);
