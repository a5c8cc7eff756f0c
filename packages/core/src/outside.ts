import { CpuSet } from './cpu-set.js';
import { plug, unplug } from './hotplug.js';
import type { Machine } from './machine.js';
import type { Policy, PolicyChange } from './policy.js';
import { RANK_OUTSIDE } from './ranks.js';
import type { Task } from './task.js';
import type { CpuId, Nanos } from './types.js';

/** Something done to a task by nobody who is simulated: an administrator with `renice` and `chrt`, a load balancer's whim. */
export type TaskEvent = {
  readonly at: Nanos;
  /** Index into `scenario.tasks`; no template. */
  readonly task: number;
} & (
  | { readonly act: 'changePolicy'; readonly change: PolicyChange }
  /** Another policy, of whatever class. */
  | { readonly act: 'setPolicy'; readonly policy: Policy }
  /** It may execute on these CPUs from now on; at least one of them is there. */
  | { readonly act: 'setAffinity'; readonly cpus: readonly number[] }
  | { readonly act: 'setGroup'; readonly group: number }
  /** A signal: it ends a wait that is interruptible, this one or the next. */
  | { readonly act: 'kill' }
  /** To another CPU, now: where it is queued and neither runs nor donates. */
  | { readonly act: 'move'; readonly cpu: number }
  /** Asleep and on no queue: it will wake there. */
  | { readonly act: 'assign'; readonly cpu: number }
);

/** A CPU is taken out of the machine, or put back. What is there already, or cannot be spared, stays. */
export interface CpuEvent {
  readonly at: Nanos;
  readonly act: 'unplug' | 'plug';
  readonly cpu: number;
}

export type OutsideEvent = TaskEvent | CpuEvent;

/** Arms what `scenario.outside` says. An event that cannot apply when its time has come, does not. */
export function armOutside(m: Machine): void {
  m.scenario.outside?.forEach((event, index) => {
    const timer = m.queue.timer(`outside/${index}`, RANK_OUTSIDE, effectOf(m, event), index);
    m.queue.arm(timer, event.at);
  });
}

function effectOf(m: Machine, event: OutsideEvent): () => void {
  if (!('task' in event)) {
    const change = event.act === 'unplug' ? unplug : plug;
    return () => change(m, event.cpu as CpuId);
  }
  const p = m.taskOf(event.task);
  return () => carryOut(m, p, event);
}

function carryOut(m: Machine, p: Task, event: TaskEvent): void {
  if (p.state === 'dead' || p.state === 'new') return;
  switch (event.act) {
    case 'changePolicy':
      return m.changePolicy(p, event.change);
    case 'setPolicy':
      return m.setPolicy(p, event.policy);
    case 'setAffinity':
      return m.setAffinity(p, CpuSet.of(m.rqs.length, event.cpus));
    case 'setGroup':
      return m.setGroup(p, m.groups[event.group]!);
    case 'kill':
      return m.exec.locks.signal(p, null);
    case 'move':
      if (p.cpu !== event.cpu && m.isMovable(p) && p.exec.cpusAllowed.has(event.cpu as CpuId)) m.move(p, m.rqs[event.cpu]!, 'affinity');
      return;
    case 'assign':
      if (p.cpu === event.cpu || p.onRq !== 'no' || !p.exec.cpusAllowed.has(event.cpu as CpuId)) return;
      m.trace.schedMigrate(m.queue.now, p, p.cpu, event.cpu as CpuId, 'affinity');
      m.setTaskCpu(p, event.cpu as CpuId);
  }
}
