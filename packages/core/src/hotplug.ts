import { DEQUEUE_MIGRATE } from './flags.js';
import type { Machine } from './machine.js';
import type { RunQueue } from './run-queue.js';
import { schedule } from './schedule.js';
import type { Task } from './task.js';
import type { CpuId } from './types.js';

/** What becomes of a CPU: `busy`: it cannot be spared, by the last that is left or by a class that needs its bandwidth. */
export type HotplugChange = 'unplug' | 'plug' | 'busy';

/**
 * Takes `cpu` out of the machine, at once (`proxy-execution.md` 8.4): whoever runs there stops, and every context of its queue goes
 * elsewhere, blocked ones too, though they can run nowhere. A context that is away goes home, if home is there. Who slept there finds
 * out when it wakes. From then on nobody is allowed there, so that no class and no balancer chooses it.
 */
export function unplug(m: Machine, cpu: CpuId): void {
  const rq = m.rqs[cpu]!;
  if (!m.online.has(cpu)) return;
  if (m.online.size === 1 || m.classes.some(cls => cls.mayLoseCpu?.(rq) === false)) return m.trace.cpuHotplug(m.queue.now, cpu, 'busy');
  m.trace.cpuHotplug(m.queue.now, cpu, 'unplug');
  for (const p of m.tasks) if (p.onRq === 'migrating' && p.cpu === cpu) m.inFlight.hasten(p);
  m.online.delete(cpu);
  allow(m);
  m.queue.disarm(rq.pass);
  rq.passDue = false;
  if (rq.curr !== rq.idle || rq.needResched) schedule(m, rq);
  for (const p of m.tasks) if (p.onRq === 'queued' && p.cpu === cpu) evacuate(m, rq, p);
  for (const cls of m.classes) cls.cpuOffline?.(rq);
  m.noteIdle(rq);
}

/** Puts `cpu` back, empty. Whose affinity was broken meanwhile keeps the one it has. */
export function plug(m: Machine, cpu: CpuId): void {
  const rq = m.rqs[cpu]!;
  if (m.online.has(cpu)) return;
  m.trace.cpuHotplug(m.queue.now, cpu, 'plug');
  m.online.add(cpu);
  allow(m);
  for (const cls of m.classes) cls.cpuOnline?.(rq);
  m.noteIdle(rq);
  m.resched(rq);
}

/** Affinities, as far as there are CPUs for them. */
function allow(m: Machine): void {
  for (const { exec } of m.tasks) exec.cpusAllowed = m.present(exec.cpusAsked);
}

function evacuate(m: Machine, rq: RunQueue, p: Task): void {
  if (p.schedDelayed) return m.finishDelayed(rq, p);
  // It only waited to be picked, and sent home.
  if (p.state === 'waking') return m.returnHome(p);
  const away = p.isBlocked && p.cpu !== p.wakeCpu && p.exec.cpusAllowed.has(p.wakeCpu);
  leaveFor(m, rq, p, away ? p.wakeCpu : m.selectRq(p, p.wakeCpu, 0, rq.cpu));
}

/** `p`, queued and not current, leaves for `to`, where it may run and is at home from now on. */
function leaveFor(m: Machine, rq: RunQueue, p: Task, to: CpuId): void {
  m.deactivate(rq, p, DEQUEUE_MIGRATE);
  m.trace.schedMigrate(m.queue.now, p, rq.cpu, to, 'unplug');
  m.setTaskCpu(p, to);
  m.send(p, m.gaps.migration);
}
