import type { Op, Policy, Scenario, TaskSpec } from '@proxysched/core';
import type { RecordingSource, RunInfo } from '@proxysched/trace';
import type { LoadedWorkload } from './load-workload.js';

/**
 * What a recording of a run says of its source. A workload that was a recording is passed on as it was; any other is told
 * in the words of the format, and operations that it has no word for under our own names.
 */
export function recordingSource({ scenario, source, text }: LoadedWorkload, info: RunInfo): RecordingSource {
  const durationUs = us(scenario.until);
  const { name: id, about } = scenario;
  if (source === 'recording') {
    const given = asRecording(text);
    if (given !== undefined) {
      const machine = { ...given.machine, config: { ...given.machine.config, ...configOf(scenario, info) } };
      return { id, about, machine, cgroups: given.cgroups ?? [], tasks: given.tasks, durationUs };
    }
  }
  const groups = scenario.groups.slice(1);
  return {
    id,
    about,
    machine: { kernel: `proxysched ${info.version}`, config: configOf(scenario, info) },
    cgroups: groups.map(g => ({ name: g.name, weight: Math.max(1, Math.round((g.weight * 100) / 1024)) })),
    tasks: scenario.tasks.filter(t => t.template !== true).map(task => taskOf(task, scenario)),
    durationUs,
  };
}

interface GivenRecording {
  readonly machine: { readonly config?: object };
  readonly cgroups?: unknown;
  readonly tasks: unknown;
}

/** The reader forgives comments and trailing commas, and then there is nothing to pass on. */
function asRecording(text: string): GivenRecording | undefined {
  try {
    return JSON.parse(text) as GivenRecording;
  } catch {
    return undefined;
  }
}

function configOf({ machine }: Scenario, info: RunInfo): object {
  return {
    proxy_exec: info.proxy !== 'off',
    hz: machine.hz ?? 1000,
    hrtick: machine.hz === null || machine.hrtick,
    cpus: machine.cpus,
    tick_phase_us: us(machine.tickPhase),
  };
}

function taskOf(task: TaskSpec, scenario: Scenario): object {
  const { ops } = task.program;
  const last = ops.at(-1);
  const whole = last?.op === 'jump' && last.to === 0;
  return {
    name: task.comm,
    ...policyOf(task.policy),
    cpus: task.cpus ?? [],
    start_us: us(task.start),
    loops: whole ? (last.times < 0 ? -1 : last.times + 1) : 1,
    ...(task.group === 0 ? {} : { cgroup: scenario.groups[task.group]!.name }),
    ops: (whole ? ops.slice(0, -1) : ops).map(opOf),
  };
}

function policyOf(policy: Policy): object {
  switch (policy.kind) {
    case 'normal':
    case 'batch':
    case 'idle':
      return { policy: policy.kind === 'normal' ? 'fair' : policy.kind, nice: policy.nice, slice_us: us(policy.slice ?? 0) };
    case 'fifo':
    case 'rr':
      return { policy: policy.kind, prio: policy.prio };
    case 'deadline':
      return { policy: 'dl', runtime_us: us(policy.runtime), deadline_us: us(policy.deadline), period_us: us(policy.period) };
    case 'custom':
      return { policy: policy.class };
  }
}

function opOf(op: Op): readonly [string, number] {
  switch (op.op) {
    case 'run':
    case 'runFor':
    case 'sleep':
      return [op.op, us(op.ns)];
    case 'timer':
      return ['period', us(op.period)];
    case 'lock':
    case 'unlock':
      return [op.op, op.mutex];
    case 'jump':
    case 'wbackoff':
      return [op.op, op.to];
    case 'fork':
    case 'kill':
      return [op.op, op.task];
    case 'wait':
    case 'signal':
    case 'broadcast':
      return [op.op, op.cond];
    case 'barrier':
      return [op.op, op.barrier];
    case 'semPost':
    case 'semWait':
      return [op.op, op.sem];
    case 'setGroup':
      return [op.op, op.group];
    case 'wbegin':
    case 'wend':
    case 'yield':
    case 'exit':
    case 'setPolicy':
    case 'changePolicy':
    case 'setAffinity':
      return [op.op, 0];
  }
}

function us(ns: number): number {
  return Math.round(ns / 1000);
}
