/** The policies answer with values, and the modules put them in place. What the kernel does with them is tested with `proxy`. */
import type { RunQueue, StallEvidence, Task } from '@proxysched/core';
import { machineOf, scenarioOf } from '@proxysched/core/test-kit';
import { createContainer, DEADLOCK_POLICY, get } from '@proxysched/kit';
import { DEADLOCK_POLICIES, dequeueOnDeadlock, DequeuePolicy, haltOnDeadlock, HaltPolicy } from '../src/index.js';

const { machine } = machineOf(scenarioOf({ tasks: { a: { ops: [] }, b: { ops: [] } } }));
const rq: RunQueue = machine.rqs[0]!;
const cycle: readonly Task[] = machine.tasks;
const evidence: StallEvidence = { at: 0, passes: 9, movedAgain: [machine.tasks[1]!] };

test('halt: at block, at walk and on stalls', () => {
  const policy = new HaltPolicy();
  expect([policy.onBlock(cycle), policy.onCycle(rq, cycle), policy.onStall(rq, evidence)]).toEqual([
    { kind: 'halt' },
    { kind: 'halt' },
    { kind: 'halt' },
  ]);
});

test('dequeue: the members of the cycle, or what moved back and forth; it does not look at block', () => {
  const policy = new DequeuePolicy();
  expect('onBlock' in policy).toBe(false);
  expect(policy.onCycle(rq, cycle)).toEqual({ kind: 'dequeue', victims: cycle });
  expect(policy.onStall(rq, evidence)).toEqual({ kind: 'dequeue', victims: evidence.movedAgain });
});

test('of two policies in a list the last one counts', () => {
  const c = createContainer();
  haltOnDeadlock.register(c);
  dequeueOnDeadlock.register(c);
  expect(get(c, DEADLOCK_POLICY).name).toBe('dequeue');
});

test('every policy has the name it is asked for by', () => {
  for (const [name, module] of Object.entries(DEADLOCK_POLICIES)) {
    const c = createContainer();
    module.register(c);
    expect(get(c, DEADLOCK_POLICY).name).toBe(name);
  }
});
