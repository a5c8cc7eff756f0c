/** The parts answer with values, alone and composed. What the kernel does with the answers is tested with `proxy`. */
import type { RunQueue, StallEvidence, Task } from '@proxysched/core';
import { fifo, lock, machineOf, scenarioOf, unlock } from '@proxysched/core/test-kit';
import { createContainer, DEADLOCK_POLICY, get } from '@proxysched/kit';
import * as fc from 'fast-check';
import {
  ACTIONS,
  Brent,
  composePolicy,
  dequeueOnDeadlock,
  DETECTORS,
  haltAfter50Repicks,
  haltOnDeadlock,
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

test('only `block` looks when a task blocks, only `repicks` counts, and only above its limit', () => {
  for (const detector of DETECTORS) {
    const policy = composePolicy({ detector, action: 'halt' });
    expect(policy.onBlock !== undefined).toBe(detector === 'block');
    expect(policy.onRepick !== undefined).toBe(detector === 'repicks');
    expect(policy.walk === undefined).toBe(detector === 'block' || detector === 'marks');
  }
  const { onRepick } = composePolicy({ detector: 'repicks', limit: 3, action: 'dequeue' });
  expect([1, 3, 4].map(n => onRepick!(rq, n, () => cycle))).toEqual([null, null, { kind: 'dequeue', victims: cycle }]);
});

test('victims: one of the cycle each, by a rule; ties go to the higher pid', () => {
  task('a').exec.held = 2;
  task('b').exec.held = 1;
  task('c').exec.held = 1;
  const chosen = Object.fromEntries(
    Object.entries(VICTIMS).map(([name, choose]) => [
      name,
      choose(cycle)
        .map(p => p.comm)
        .join(' '),
    ]),
  );
  expect(chosen).toEqual({ all: 'a b c', youngest: 'c', lowest: 'b', fewestLocks: 'c', first: 'a' });
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
      victims: fc.constantFrom(...(Object.keys(VICTIMS) as VictimName[])),
    },
    { requiredKeys: ['detector', 'action'] },
  );

  test('say all there is to a policy', () => {
    fc.assert(
      fc.property(specs, ({ detector, limit, action, victims }) => {
        const limited = detector === 'depth' || detector === 'repicks';
        const spec: PolicySpec = {
          detector,
          action,
          ...(limited && limit !== undefined ? { limit } : {}),
          ...(action === 'dequeue' && victims !== undefined ? { victims } : {}),
        };
        expect(parsePolicy(policyLabel(spec))).toEqual(spec);
        expect(composePolicy(spec).name).toBe(policyLabel(spec));
      }),
    );
  });

  test.each([
    ['brnet+halt', /no detector named "brnet"; there are block, marks/],
    ['brent', /no action named ""; there are halt/],
    ['brent+dequeue+oldest', /no victims named "oldest"; there are all/],
    ['brent:5+halt', /"brent" has no limit/],
    ['depth:0+halt', /from 1 to 1000000, not "0"/],
    ['depth:1e3+halt', /not "1e3"/],
    ['marks+dequeue+all+x', /too many parts/],
  ])('%s is explained', (text, said) => {
    expect(parsePolicy(text)).toMatch(said);
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
