/** The parts answer with values, alone and composed. What the kernel does with the answers is tested with `proxy`. */
import type { RepickEvidence, RunQueue, StallEvidence, Task } from '@proxysched/core';
import { fifo, lock, machineOf, scenarioOf, unlock } from '@proxysched/core/test-kit';
import { createContainer, DEADLOCK_POLICY, get } from '@proxysched/kit';
import * as fc from 'fast-check';
import {
  ACTIONS,
  Brent,
  chooseVictims,
  composePolicy,
  dequeueOnDeadlock,
  DEFAULT_LIMITS,
  DEFAULT_VICTIMS,
  DETECTORS,
  haltAfter50Repicks,
  haltOnDeadlock,
  isMistake,
  parsePolicy,
  policyLabel,
  VICTIMS,
  type PolicySpec,
  type VictimName,
} from '../src/index.js';

const ops = [lock(0), unlock(0)];
const { machine, task } = machineOf(
  scenarioOf({ tasks: { a: { ops, policy: fifo(3) }, b: { ops, policy: fifo(1) }, c: { ops, policy: fifo(2) } } }),
);
const rq: RunQueue = machine.rqs[0]!;
const cycle: readonly Task[] = machine.tasks;
const evidence: StallEvidence = { at: 0, passes: 9, movedAgain: [task('b')], blocked: [task('a')] };

test('each action, wherever the cycle is met', () => {
  const halt = composePolicy({ detector: 'block', action: 'halt' });
  expect([halt.onBlock!(cycle), halt.onCycle(rq, cycle), halt.onStall(rq, evidence)]).toEqual(Array(3).fill({ kind: 'halt' }));
  const dequeue = composePolicy({ detector: 'marks', action: 'dequeue' });
  expect(dequeue.onCycle(rq, cycle)).toEqual({ kind: 'dequeue', victims: cycle });
  expect(dequeue.onStall(rq, evidence)).toEqual({ kind: 'dequeue', victims: [task('b')] });
  expect(dequeue.onStall(rq, { ...evidence, movedAgain: [] })).toEqual({ kind: 'dequeue', victims: [task('a')] });
  const idle = composePolicy({ detector: 'marks', action: 'idle' });
  expect(idle.onCycle(rq, cycle)).toEqual({ kind: 'idle' });
});

test('a refusal has one victim: whoever the rule names, and with `edeadlk` whoever closed the cycle', () => {
  task('a').blockNr = 2;
  task('b').blockNr = 3;
  task('c').blockNr = 1;
  const answer = (action: PolicySpec['action'], more: Partial<PolicySpec> = {}) =>
    composePolicy({ detector: 'marks', action, ...more }).onCycle(rq, cycle);
  expect(answer('wound')).toEqual({ kind: 'wound', victims: [task('c')] });
  expect(answer('edeadlk')).toEqual({ kind: 'wound', victims: [task('b')] });
  expect(answer('timeout')).toEqual({ kind: 'timeout', victims: [task('b')], after: 10_000_000 });
  expect(answer('timeout', { after: 7, victims: 'oldest' })).toEqual({ kind: 'timeout', victims: [task('a')], after: 7 });
  expect(composePolicy({ detector: 'stall', action: 'wound' }).onStall(rq, { ...evidence, movedAgain: [], blocked: [] })).toEqual({
    kind: 'wound',
    victims: [],
  });
});

test('only `block` looks when a task blocks, and only those that count are told of picks in vain', () => {
  for (const detector of DETECTORS) {
    const policy = composePolicy({ detector, action: 'halt' });
    expect(policy.onBlock !== undefined).toBe(detector === 'block');
    expect(policy.onRepick !== undefined).toBe(detector === 'repicks' || detector === 'scaled' || detector === 'progress');
    expect(policy.walk === undefined).toBe(detector === 'block' || detector === 'marks');
  }
});

const inVain = (e: Partial<RepickEvidence>): RepickEvidence => ({
  pick: task('a'),
  repicks: 1,
  queued: 2,
  cpus: 4,
  unchanged: false,
  blocked: () => cycle,
  ...e,
});

test.each([
  [{ detector: 'repicks', limit: 3, action: 'dequeue' }, { repicks: 3 }, { repicks: 4 }],
  [{ detector: 'repicks', action: 'dequeue' }, { repicks: 50 }, { repicks: 51 }],
  [{ detector: 'scaled', action: 'dequeue' }, { repicks: 6 }, { repicks: 7 }],
  [{ detector: 'scaled', limit: 10, action: 'dequeue' }, { repicks: 60 }, { repicks: 61 }],
  [{ detector: 'progress', action: 'dequeue' }, { repicks: 1000 }, { repicks: 0, unchanged: true }],
] as const)('%o believes %o and not %o', (spec, honest, stuck) => {
  const { onRepick } = composePolicy(spec);
  expect(onRepick!(rq, inVain(honest))).toBeNull();
  expect(onRepick!(rq, inVain(stuck))).toEqual({ kind: 'dequeue', victims: cycle });
});

test('victims: one of the cycle each, by a rule; ties go to the higher pid', () => {
  task('a').exec.held = 2;
  task('b').exec.held = 1;
  task('c').exec.held = 1;
  task('a').blockNr = 2;
  task('b').blockNr = 3;
  task('c').blockNr = 1;
  const named = (name: VictimName, seed?: number) =>
    chooseVictims(name, cycle, seed)
      .map(p => p.comm)
      .join(' ');
  expect(Object.fromEntries((Object.keys(VICTIMS) as VictimName[]).map(name => [name, named(name)]))).toEqual({
    all: 'a b c',
    youngest: 'c',
    oldest: 'a',
    lowest: 'b',
    fewestLocks: 'c',
    closer: 'b',
    checkpoint: 'c',
    random: named('random', 1),
  });
  const drawn = Array.from({ length: 300 }, (_, seed) => named('random', seed));
  for (const comm of ['a', 'b', 'c']) expect(drawn.filter(name => name === comm).length).toBeGreaterThan(60);
});

test('of two policies in a list the last one counts, and each has the name it is asked for by', () => {
  for (const [first, last, name] of [
    [haltOnDeadlock, dequeueOnDeadlock, 'dequeue'],
    [dequeueOnDeadlock, haltOnDeadlock, 'halt'],
    [haltOnDeadlock, haltAfter50Repicks, 'repicks'],
  ] as const) {
    const c = createContainer();
    first.register(c);
    last.register(c);
    expect(get(c, DEADLOCK_POLICY).name).toBe(name);
  }
});

describe('names', () => {
  const specs = fc.record(
    {
      detector: fc.constantFrom(...DETECTORS),
      limit: fc.integer({ min: 1, max: 1_000_000 }),
      action: fc.constantFrom(...ACTIONS),
      after: fc.integer({ min: 1, max: 999 }).chain(n => fc.constantFrom(n, n * 1e3, n * 1e6, n * 1e9)),
      victims: fc.constantFrom(...(Object.keys(VICTIMS) as VictimName[])),
      seed: fc.nat(1_000_000),
    },
    { requiredKeys: ['detector', 'action'] },
  );

  test('say all there is to a policy', () => {
    fc.assert(
      fc.property(specs, ({ detector, limit, action, after, victims, seed }) => {
        const limited = DEFAULT_LIMITS[detector] !== undefined;
        const chooses = DEFAULT_VICTIMS[action] !== undefined && victims !== undefined;
        const spec: PolicySpec = {
          detector,
          action,
          ...(limited && limit !== undefined ? { limit } : {}),
          ...(action === 'timeout' && after !== undefined ? { after } : {}),
          ...(chooses ? { victims } : {}),
          ...(chooses && victims === 'random' && seed !== undefined ? { seed } : {}),
        };
        expect(parsePolicy(policyLabel(spec))).toEqual(spec);
        expect(composePolicy(spec).name).toBe(policyLabel(spec));
      }),
    );
  });

  test.each([
    ['brnet+halt', /no detector named "brnet"; there are block, marks/],
    ['wuond', /there are block.*stall, halt, dequeue, wound, edeadlk, repicks$/],
    ['block+edeadlk+youngest', /the victim of "edeadlk" is who closed the cycle/],
    ['block+halt+all', /"halt" has no victims/],
    ['block+timeout:5', /a whole number with its unit, as in 5ms, not "5"/],
    ['block+timeout:0ms', /not "0ms"/],
    ['block+wound:5ms', /"wound" has no time/],
    ['block+wound+oldest:3', /"oldest" has no seed/],
    ['block+wound+random:x', /the seed is a whole number/],
    ['brent', /no action named ""; there are halt/],
    ['brent+dequeue+eldest', /no victims named "eldest"; there are all/],
    ['brent:5+halt', /"brent" has no limit/],
    ['depth:0+halt', /from 1 to 1000000, not "0"/],
    ['depth:1e3+halt', /not "1e3"/],
    ['marks+dequeue+all+x', /too many parts/],
  ])('%s is explained', (text, said) => {
    const parsed = parsePolicy(text);
    expect(isMistake(parsed) && parsed.wrong).toMatch(said);
  });
});

describe('Brent', () => {
  /** Links until it speaks up on a walk through `tail` tasks into a cycle of `length`; −1: never in 10,000. */
  function links(tail: number, length: number): number {
    const path = Array.from({ length: tail + length }, (_, pid) => ({ pid }) as unknown as Task);
    const brent = new Brent();
    brent.begin(path[0]!);
    for (let depth = 1; depth <= 10_000; depth++) {
      const at = depth < tail ? depth : tail + ((depth - tail) % length);
      if (brent.suspects(path[at]!)) return depth;
    }
    return -1;
  }

  test('finds every cycle within three times what there is to walk, and is silent before it has been round', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.integer({ min: 1, max: 300 }), (tail, length) => {
        const found = links(tail, length);
        expect(found).toBeGreaterThanOrEqual(length);
        expect(found).toBeLessThanOrEqual(3 * (tail + length) + 1);
      }),
    );
  });
});
