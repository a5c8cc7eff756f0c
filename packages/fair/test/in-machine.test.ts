import { Machine, NO_COSTS, type Kernel, type Op, type Policy, type PolicyKind, type Scenario, type SchedClass } from '@proxysched/core';
import fc from 'fast-check';
import { FairClass } from '../src/index.js';

/** The class under the real kernel: random programs on two CPUs; after each event its invariants and the kernel's counts hold. */

const ms = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max: max * 1000 }).map(us => us * 1000);

const policy: fc.Arbitrary<Policy> = fc
  .record({
    kind: fc.constantFrom<('normal' | 'batch' | 'idle')[]>('normal', 'batch', 'idle'),
    nice: fc.integer({ min: -20, max: 19 }),
    slice: ms(30),
    own: fc.boolean(),
  })
  .map(({ kind, nice, slice, own }) => (own ? { kind, nice, slice } : { kind, nice }));

const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 4, arbitrary: ms(9).map((ns): Op => ({ op: 'run', ns })) },
  { weight: 3, arbitrary: ms(12).map((ns): Op => ({ op: 'sleep', ns })) },
  fc.constant<Op>({ op: 'yield' }),
  policy.map((p): Op => ({ op: 'setPolicy', policy: p })),
  fc.integer({ min: 0, max: 2 }).map((group): Op => ({ op: 'setGroup', group })),
  fc.constantFrom<number[][]>([0, 1], [0], [1]).map((cpus): Op => ({ op: 'setAffinity', cpus })),
);

const task = fc.record({ policy, start: ms(40), group: fc.integer({ min: 0, max: 2 }), ops: fc.array(op, { minLength: 1, maxLength: 6 }) });

const setting = fc.record({
  version: fc.constantFrom('7.3', '7.2', '6.12'),
  hz: fc.constantFrom(null, 250, 1000),
  hrtick: fc.boolean(),
  tasks: fc.array(task, { minLength: 2, maxLength: 9 }),
});

function scenarioOf({
  hz,
  hrtick,
  tasks,
}: {
  hz: number | null;
  hrtick: boolean;
  tasks: readonly (typeof task extends fc.Arbitrary<infer T> ? T : never)[];
}): Scenario {
  return {
    name: 'random',
    about: '',
    seed: 1,
    until: 400_000_000,
    machine: { cpus: 2, hz, hrtick, tickPhase: 0, costs: NO_COSTS },
    options: {},
    groups: [
      { name: '/', weight: 1024, parent: 0 },
      { name: '/a', weight: 512, parent: 0 },
      { name: '/a/b', weight: 2048, parent: 1 },
    ],
    mutexes: [],
    conditions: [],
    barriers: [],
    semaphores: [],
    timers: [],
    tasks: tasks.map((t, i) => ({
      comm: `t${i}`,
      policy: t.policy,
      start: t.start,
      group: t.group,
      // The first operation takes time, so that looping does.
      program: { ops: [{ op: 'run', ns: 500_000 }, ...t.ops, { op: 'jump', to: 0, times: -1 }] },
    })),
  };
}

test('whatever tasks do, the invariants hold and nobody stalls', () => {
  fc.assert(
    fc.property(setting, s => {
      const machine = new Machine(scenarioOf(s));
      const cls = new FairClass(machine, { 'fair.version': s.version });
      const policies = new Map<PolicyKind, SchedClass>(cls.policies.map(kind => [kind, cls]));
      const halt = { kind: 'halt' } as const;
      machine.attach({ classes: [cls], policies, deadlock: { name: 'halt', onCycle: () => halt, onStall: () => halt }, balancers: [] });
      const result = machine.run(kernel => expect(problems(cls, kernel)).toEqual([]));
      expect(result.outcome).toBe('timeLimit');
    }),
    { numRuns: 40 },
  );
});

function problems(cls: FairClass, kernel: Kernel): string[] {
  const found: string[] = [];
  for (const rq of kernel.rqs) {
    cls.check(rq, { fail: (code, detail) => found.push(`${code} ${detail}`) });
    const root = cls.levels(rq)[0]!;
    if (root.hNrQueued !== rq.nrQueued) found.push(`CPU ${rq.cpu}: ${root.hNrQueued} queued here, ${rq.nrQueued} in the kernel`);
    let curr = root.curr;
    while (curr !== null && curr.my !== null) curr = curr.my.curr;
    if (curr !== null ? curr.owner !== rq.donor : rq.donor !== rq.idle) found.push(`CPU ${rq.cpu}: curr is not the donor`);
  }
  return found;
}
