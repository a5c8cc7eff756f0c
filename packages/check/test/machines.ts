import { policyName, type Op, type Policy, type Scenario } from '@proxysched/core';
import { fifo, lock, nice, run, scenarioOf, setAffinity, setPolicy, sleep, unlock, yields, type TestTask } from '@proxysched/core/test-kit';
import fc from 'fast-check';

export interface MachineShape {
  /** Whether tasks lock, and whether always in ascending order, so that no cycle can close. */
  readonly locks: 'none' | 'ordered' | 'any';
  /** Whether time is spent on switches, locks and calls. */
  /** `simple`: nothing but what switches and operations cost. `all`: picks, wake-ups, ticks and marks cost something too. */
  readonly costs: false | 'simple' | 'all';
  /** Policies of tasks, and what they change to; absent: those of the test kit's classes. */
  readonly policies?: fc.Arbitrary<Policy>;
  /** What every duration is a multiple of; absent: 1 ns. */
  readonly unit?: number;
  readonly hz?: readonly (number | null)[];
}

/** What an operation is made from. */
interface Parts {
  readonly cpus: number;
  readonly mutexes: number;
  readonly ordered: boolean;
  readonly duration: fc.Arbitrary<number>;
  readonly policy: fc.Arbitrary<Policy>;
}

function cpuList(cpus: number): fc.Arbitrary<number[]> {
  return fc.uniqueArray(fc.integer({ min: 0, max: cpus - 1 }), { minLength: 1, maxLength: cpus });
}

const simplePolicies: fc.Arbitrary<Policy> = fc.oneof(fc.integer({ min: 1, max: 4 }).map(fifo), fc.constant(nice(0)));

/** An operation that needs no lock. */
function plainOp({ cpus, duration, policy }: Parts): fc.Arbitrary<Op> {
  return fc.oneof(
    { arbitrary: duration.map(run), weight: 6 },
    { arbitrary: duration.map(sleep), weight: 3 },
    { arbitrary: fc.constant(yields), weight: 1 },
    { arbitrary: cpuList(cpus).map(list => setAffinity(...list)), weight: 1 },
    { arbitrary: policy.map(setPolicy), weight: 1 },
  );
}

/** Critical sections within each other: a lock is only asked for while holding smaller ones, or any other when not `ordered`. */
function section(parts: Parts, held: readonly number[]): fc.Arbitrary<Op[]> {
  const { mutexes, ordered } = parts;
  const free = Array.from({ length: mutexes }, (_, m) => m).filter(m => !held.includes(m) && (!ordered || m > (held.at(-1) ?? -1)));
  const plain = fc.array(plainOp(parts), { minLength: 1, maxLength: 2 });
  if (free.length === 0) return plain;
  const locked = fc
    .constantFrom(...free)
    .chain(m => fc.tuple(plain, section(parts, [...held, m]), plain).map(([a, b, c]) => [...a, lock(m), ...b, unlock(m), ...c]));
  return fc.oneof({ arbitrary: plain, weight: 1 }, { arbitrary: locked, weight: 2 });
}

/** Small machines with everything that can go wrong close together: instants coincide often. */
export function machines(shape: MachineShape): fc.Arbitrary<Scenario> {
  const unit = shape.unit ?? 1;
  const duration = fc.integer({ min: 0, max: 12 }).map(n => n * unit);
  const policy = shape.policies ?? simplePolicies;
  return fc
    .record({
      cpus: fc.integer({ min: 1, max: 3 }),
      mutexes: shape.locks === 'none' ? fc.constant(0) : fc.integer({ min: 1, max: 3 }),
      hz: fc.constantFrom(...(shape.hz ?? [null, null, 100_000_000, 250_000_000])),
      cost: shape.costs !== false ? fc.integer({ min: 0, max: 3 }) : fc.constant(0),
    })
    .chain(({ cpus, mutexes, hz, cost }) => {
      const parts: Parts = { cpus, mutexes, ordered: shape.locks !== 'any', duration, policy };
      const task: fc.Arbitrary<TestTask> = fc.record(
        {
          ops: fc.array(section(parts, []), { minLength: 1, maxLength: 3 }).map(ops => ops.flat()),
          policy,
          start: duration,
          cpus: cpuList(cpus),
          forked: fc.boolean(),
        },
        { requiredKeys: ['ops', 'policy', 'start'] },
      );
      return fc.array(task, { minLength: 2, maxLength: 6 }).map(tasks =>
        scenarioOf({
          cpus,
          mutexes,
          machine: { hz },
          costs: {
            ...{ contextSwitch: cost, lockOp: cost >> 1, sysCall: cost >> 1 },
            ...(shape.costs === 'all'
              ? { timer: cost, schedule: cost, wakeUp: cost, preemption: cost >> 1, mark: cost >> 1, sysReturn: cost, lockReturn: 1 }
              : {}),
          },
          until: 10_000_000 * unit,
          tasks,
        }),
      );
    });
}

/** The time a program needs by itself: its runs and what its operations cost. */
export function workOf(scenario: Scenario, ops: readonly Op[]): number {
  const { costs } = scenario.machine;
  let sum = 0;
  for (const op of ops) {
    if (op.op === 'run') sum += op.ns;
    else if (op.op === 'lock' || op.op === 'unlock') sum += costs.lockOp;
    else sum += costs.sysCall;
  }
  return sum;
}

/** A scenario as a test could be written from it, for counterexamples. */
export function tell(scenario: Scenario): string {
  const { machine } = scenario;
  const tasks = scenario.tasks.map(t => {
    const where = t.cpus === undefined ? '' : ` on [${t.cpus.join()}]`;
    const how = policyName(t.policy);
    return `  ${t.comm} ${how} at ${t.start}${where}${t.forked === true ? ' forked' : ''}: ${t.program.ops.map(o => JSON.stringify(o)).join(' ')}`;
  });
  return [`${machine.cpus} CPUs, hz ${String(machine.hz)}, costs ${JSON.stringify(machine.costs)}`, ...tasks].join('\n');
}
