import { Machine, NO_COSTS, type Op, type PolicyKind, type Scenario, type SchedClass, type TaskSpec } from '@proxysched/core';
import fc from 'fast-check';
import { FairClass } from '../src/fair-class.js';
import { FairEntity } from '../src/fair-entity.js';
import { FairQueue } from '../src/fair-queue.js';
import { flatten, sharesByLoad } from '../src/group-shares.js';
import { makeRules } from '../src/rules.js';
import { NICE_0_LOAD } from '../src/weights.js';
import { golden } from './fake-kernel.js';

test('unit-group-shares-6.12: weight of a group entity from loads here and everywhere', () => {
  const { cases } = golden<{ cases: [string, string, string, string, string, string][] }>('unit-group-shares-6.12');
  for (const [shares, queued, loadAvg, tgLoadAvg, contrib, weight] of cases) {
    const n = Number(shares);
    expect(String(sharesByLoad(n, n, Number(queued), Number(loadAvg), Number(tgLoadAvg), Number(contrib)))).toBe(weight);
  }
  process.stdout.write(`unit-group-shares-6.12: ${cases.length} values compared\n`);
});

test('unit-reweight-6.12: a queued entity keeps its service owed and its time to the deadline', () => {
  const { cases } = golden<{ cases: string[][] }>('unit-reweight-6.12');
  for (const [tick, slice, from, to, v, vruntime, deadline, vruntimeAfter, deadlineAfter] of cases) {
    const q = new FairQueue(makeRules({ 'fair.version': '6.12' }, { cpus: 1, hz: Math.round(1e9 / Number(tick)) }));
    // The rest of the queue is not recorded, only V.
    jest.spyOn(q, 'moveOrigin').mockReturnValue(Number(v));
    const e = new FairEntity(null, Number(slice));
    q.setWeight(e, Number(from));
    e.vruntime = Number(vruntime);
    e.deadline = Number(deadline);
    q.add(e);
    q.reweight(e, Number(to));
    expect([String(e.vruntime), String(e.deadline)]).toEqual([vruntimeAfter, deadlineAfter]);
  }
  process.stdout.write(`unit-reweight-6.12: ${2 * cases.length} values compared\n`);
});

test('flattened weights of all tasks of a group add up to what the group has', () => {
  const weight = fc.integer({ min: 3, max: 88761 }).map(w => 1024 * w);
  fc.assert(
    fc.property(weight, fc.array(weight, { minLength: 1, maxLength: 30 }), (group, tasks) => {
      const total = tasks.reduce((sum, w) => sum + w, 0);
      const flat = tasks.map(w => flatten(flatten(NICE_0_LOAD, w, total), group, null));
      const sum = flat.reduce((a, b) => a + b, 0);
      // Each rounds down by less than a 2^-20th of the group and one; the floor of 2 may add as much.
      expect(Math.abs(sum - group)).toBeLessThanOrEqual(tasks.length * (3 + 2 * Math.ceil(group / NICE_0_LOAD)));
    }),
  );
});

/** Weight of the group's entity on each of two CPUs, in units of nice 0, once averages have settled: three hogs of it on each, one beside them. */
function weights(options: Readonly<Record<string, string>>): number[] {
  const hog: Op[] = [
    { op: 'run', ns: 3_000_000 },
    { op: 'jump', to: 0, times: -1 },
  ];
  const task = (group: number, cpu: number, i: number): TaskSpec => ({
    comm: `g${group}-${cpu}-${i}`,
    policy: { kind: 'normal', nice: 0 },
    start: 0,
    cpus: [cpu],
    group,
    program: { ops: hog },
  });
  const scenario: Scenario = {
    name: 'shares',
    about: '',
    seed: 1,
    until: 800_000_000,
    machine: { cpus: 2, hz: 1000, hrtick: false, tickPhase: 0, costs: NO_COSTS },
    options: {},
    groups: [
      { name: '/', weight: 1024, parent: 0 },
      { name: '/g', weight: 1024, parent: 0 },
    ],
    mutexes: [],
    conditions: [],
    barriers: [],
    semaphores: [],
    timers: [],
    tasks: [0, 1].flatMap(cpu => [task(0, cpu, 0), ...[0, 1, 2].map(i => task(1, cpu, i))]),
  };
  const machine = new Machine(scenario);
  const cls = new FairClass(machine, options);
  const policies = new Map<PolicyKind, SchedClass>(cls.policies.map(kind => [kind, cls]));
  const halt = { kind: 'halt' } as const;
  machine.attach({ classes: [cls], policies, deadlock: { name: 'halt', onCycle: () => halt, onStall: () => halt }, balancers: [] });
  machine.run();
  return machine.rqs.map(rq => cls.levels(rq)[1]!.entity!.load / NICE_0_LOAD);
}

// Six tasks on two CPUs; about six are counted: five, for averages are published when they have moved by a 64th.
test.each([
  ['up', 1],
  ['smp', 1 / 2],
  ['max', 2 / 2],
  ['concur', 2 / 2],
  ['tasks', 5 / 2],
])('group shares of 7.3, %s: on each of two CPUs the group weighs %p tasks', (mode, expected) => {
  for (const weight of weights({ 'fair.groupShares': mode })) expect(Math.abs(weight / expected - 1)).toBeLessThan(0.04);
});

test('earlier kernels divide the shares themselves, whatever the dial says', () => {
  for (const version of ['7.2', '6.12'])
    for (const weight of weights({ 'fair.version': version })) expect(Math.abs(weight - 1 / 2)).toBeLessThan(0.02);
});
