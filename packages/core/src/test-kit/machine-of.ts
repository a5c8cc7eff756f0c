import type { Balancer } from '../balancer.js';
import type { DeadlockPolicy } from '../deadlock-policy.js';
import type { Kernel } from '../kernel.js';
import type { LockRules } from '../lock-rules.js';
import { Machine, type Probe } from '../machine.js';
import type { PolicyKind } from '../policy.js';
import type { ProxyResolver } from '../proxy-resolver.js';
import type { Scenario } from '../scenario.js';
import type { SchedClass } from '../sched-class.js';
import type { SimResult } from '../sim-result.js';
import type { Task } from '../task.js';
import type { TraceSink } from '../trace-sink.js';
import { makeTracer } from '../tracer.js';
import { FixedPriority } from './fixed-priority.js';
import { RecordingSink } from './recording-sink.js';
import { RoundRobin } from './round-robin.js';

export interface Parts {
  /** Highest first; absent: fixed priorities above round robin. */
  readonly classes?: (kernel: Kernel) => readonly SchedClass[];
  /** Absent: classic blocking. */
  readonly resolver?: (kernel: Kernel) => ProxyResolver;
  /** Absent: halts, also at block. */
  readonly deadlock?: DeadlockPolicy;
  /** Kinds of mutexes beside the kernel's own. */
  readonly lockRules?: (kernel: Kernel) => readonly LockRules[];
  readonly balancers?: (kernel: Kernel) => readonly Balancer[];
  readonly sinks?: readonly TraceSink[];
  readonly probe?: Probe;
}

export interface TestMachine {
  readonly machine: Machine;
  readonly sink: RecordingSink;
  /** By name. */
  task(comm: string): Task;
}

/** A machine wired by hand, ready to run. */
export function machineOf(scenario: Scenario, parts: Parts = {}): TestMachine {
  const sink = new RecordingSink();
  const machine = new Machine(scenario, makeTracer([sink, ...(parts.sinks ?? [])]));
  const classes = parts.classes?.(machine) ?? [new FixedPriority(machine), new RoundRobin(machine)];
  const policies = new Map<PolicyKind, SchedClass>();
  for (const cls of [...classes].reverse()) for (const kind of cls.policies) policies.set(kind, cls);
  machine.attach({
    classes,
    policies,
    lockRules: parts.lockRules?.(machine) ?? [],
    resolver: parts.resolver?.(machine),
    deadlock: parts.deadlock ?? HALT,
    balancers: parts.balancers?.(machine) ?? [],
  });
  const task = (comm: string): Task => {
    const found = machine.tasks.find(p => p.comm === comm);
    if (found === undefined) throw new RangeError(`no task named ${comm}`);
    return found;
  };
  return { machine, sink, task };
}

/** Builds a machine, runs it to its end, and returns both. */
export function runOf(scenario: Scenario, parts: Parts = {}): TestMachine & { readonly result: SimResult } {
  const built = machineOf(scenario, parts);
  const result = built.machine.run(parts.probe);
  return { ...built, result };
}

const HALT: DeadlockPolicy = {
  name: 'test-halt',
  onBlock: () => ({ kind: 'halt' }),
  onCycle: () => ({ kind: 'halt' }),
  onStall: () => ({ kind: 'halt' }),
};
