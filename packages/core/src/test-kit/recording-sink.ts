import type { HotplugChange } from '../hotplug.js';
import type { LockError } from '../lock-rules.js';
import type { BackOffReason } from '../wait-wound.js';
import type { Kernel } from '../kernel.js';
import type { DeadlockAction } from '../deadlock-policy.js';
import type { MoveReason } from '../kernel.js';
import type { Mutex } from '../mutex.js';
import type { ChainOutcome } from '../proxy-resolver.js';
import type { SimResult } from '../sim-result.js';
import type { Task } from '../task.js';
import type { TraceSink } from '../trace-sink.js';
import type { CpuId, Nanos } from '../types.js';

/** Keeps every event but the ends of passes as one line: `time event what…`, tasks by name. For comparisons of whole runs and for looking things up. */
export class RecordingSink implements TraceSink {
  readonly lines: string[] = [];
  /** Who executed where: an entry per CPU and stretch, in the order in which they ended. */
  readonly ran: { readonly cpu: number; readonly task: string; readonly donor: string; readonly from: Nanos; readonly to: Nanos }[] = [];
  kernel: Kernel | null = null;
  private readonly since: Nanos[] = [];
  private readonly now: { task: string; donor: string }[] = [];

  /** Lines of these events, in order. */
  of(...events: readonly (keyof TraceSink)[]): string[] {
    return this.lines.filter(line => events.some(event => line.split(' ')[1] === event));
  }

  /** The stretches of one task as `cpu:from-to`, neighbours joined. */
  stretches(task: string): string[] {
    const joined: { cpu: number; from: Nanos; to: Nanos }[] = [];
    for (const r of [...this.ran].sort((x, y) => x.from - y.from || x.to - y.to)) {
      if (r.task !== task) continue;
      const last = joined.at(-1);
      if (last !== undefined && last.cpu === r.cpu && last.to === r.from) last.to = r.to;
      else joined.push({ cpu: r.cpu, from: r.from, to: r.to });
    }
    return joined.map(r => `${r.cpu}:${r.from}-${r.to}`);
  }

  begin(kernel: Kernel): void {
    this.kernel = kernel;
    for (const rq of kernel.rqs) this.since[rq.cpu] = 0;
    for (const rq of kernel.rqs) this.now[rq.cpu] = { task: 'idle', donor: 'idle' };
  }

  schedSwitch(now: Nanos, cpu: CpuId, prev: Task, next: Task, donor: Task, preempted: boolean): void {
    this.close(cpu, now);
    this.now[cpu] = { task: who(next), donor: who(donor) };
    this.line(now, 'schedSwitch', `${cpu} ${who(prev)} -> ${who(next)} for ${who(donor)}${preempted ? ' preempted' : ''}`);
  }

  schedRepick(now: Nanos, cpu: CpuId, repicks: number): void {
    this.line(now, 'schedRepick', `${cpu} ${repicks}`);
  }

  schedWaking(now: Nanos, p: Task, waker: Task | null, fork: boolean): void {
    this.line(now, 'schedWaking', `${who(p)}${waker === null ? '' : ` by ${who(waker)}`}${fork ? ' new' : ''}`);
  }

  schedWakeup(now: Nanos, p: Task): void {
    this.line(now, 'schedWakeup', `${who(p)} on ${p.cpu}`);
  }

  schedMigrate(now: Nanos, p: Task, from: CpuId, to: CpuId, why: MoveReason): void {
    this.line(now, 'schedMigrate', `${who(p)} ${from} -> ${to} ${why}`);
  }

  mutexRequest(now: Nanos, p: Task, m: Mutex): void {
    this.line(now, 'mutexRequest', `${who(p)} ${m.name}`);
  }

  mutexSpin(now: Nanos, p: Task, m: Mutex, on: boolean): void {
    this.line(now, 'mutexSpin', `${who(p)} ${m.name} ${on ? 'on' : 'off'}`);
  }

  mutexBlocked(now: Nanos, p: Task, m: Mutex): void {
    this.line(now, 'mutexBlocked', `${who(p)} ${m.name}`);
  }

  mutexAcquired(now: Nanos, p: Task, m: Mutex, waited: boolean, stolen: boolean): void {
    this.line(now, 'mutexAcquired', `${who(p)} ${m.name}${waited ? ' waited' : ''}${stolen ? ' stolen' : ''}`);
  }

  mutexReleased(now: Nanos, m: Mutex, by: Task, to: Task | null): void {
    this.line(now, 'mutexReleased', `${who(by)} ${m.name}${to === null ? '' : ` to ${who(to)}`}`);
  }

  mutexFailed(now: Nanos, p: Task, m: Mutex, error: LockError): void {
    this.line(now, 'mutexFailed', `${who(p)} ${m.name} ${error}`);
  }

  mutexBackOff(now: Nanos, victim: Task, m: Mutex, by: Task, why: BackOffReason): void {
    this.line(now, 'mutexBackOff', `${who(victim)} ${m.name} by ${who(by)} ${why}`);
  }

  proxyOutcome(now: Nanos, cpu: CpuId, donor: Task, outcome: ChainOutcome): void {
    this.line(now, 'proxyOutcome', `${cpu} ${who(donor)} ${outcomeText(outcome)}`);
  }

  proxyPark(now: Nanos, p: Task, owner: Task): void {
    this.line(now, 'proxyPark', `${who(p)} on ${who(owner)}`);
  }

  proxyUnpark(now: Nanos, p: Task, owner: Task): void {
    this.line(now, 'proxyUnpark', `${who(p)} with ${who(owner)} on ${p.cpu}`);
  }

  deadlock(now: Nanos, cycle: readonly Task[], action: DeadlockAction): void {
    this.line(now, 'deadlock', `${cycle.map(who).join(' ')} ${action.kind}`);
  }

  jobRelease(now: Nanos, p: Task, release: Nanos, deadline: Nanos): void {
    this.line(now, 'jobRelease', `${who(p)} ${release}${deadline < 0 ? '' : ` by ${deadline}`}`);
  }

  jobDone(now: Nanos, p: Task, release: Nanos): void {
    this.line(now, 'jobDone', `${who(p)} ${now - release}`);
  }

  taskExit(now: Nanos, p: Task): void {
    this.line(now, 'taskExit', who(p));
  }

  classMark(now: Nanos, cpu: CpuId, mark: string, p: Task, value: number): void {
    this.line(now, 'classMark', `${cpu} ${mark} ${who(p)} ${value}`);
  }

  cpuHotplug(now: Nanos, cpu: CpuId, what: HotplugChange): void {
    this.line(now, 'cpuHotplug', `${cpu} ${what}`);
  }

  affinityLost(now: Nanos, p: Task, cpu: CpuId): void {
    this.line(now, 'affinityLost', `${who(p)} on ${cpu}`);
  }

  ioWait(now: Nanos, p: Task, cpu: CpuId, count: number, waits: boolean): void {
    this.line(now, 'ioWait', `${cpu} ${who(p)} ${waits ? 'waits' : 'done'} ${count}`);
  }

  end(now: Nanos, result: SimResult): void {
    for (const rq of this.kernel?.rqs ?? []) this.close(rq.cpu, now);
    this.line(now, 'end', result.outcome);
  }

  private close(cpu: number, now: Nanos): void {
    const current = this.now[cpu]!;
    if (current.task !== 'idle' && now > this.since[cpu]!) this.ran.push({ cpu, ...current, from: this.since[cpu]!, to: now });
    this.since[cpu] = now;
  }

  private line(now: Nanos, event: keyof TraceSink, what: string): void {
    this.lines.push(`${now} ${event} ${what}`);
  }
}

function who(p: Task): string {
  return p.pid <= 0 ? 'idle' : p.comm;
}

function outcomeText(o: ChainOutcome): string {
  switch (o.kind) {
    case 'run':
    case 'retake':
      return `${o.kind} ${who(o.task)} ${o.depth}`;
    case 'migrate':
      return `migrate ${who(o.task)} to ${o.to}`;
    case 'park':
      return `park ${who(o.task)} on ${who(o.owner)}`;
    case 'deactivate':
      return `deactivate ${who(o.task)} ${o.why}`;
    case 'repick':
      return `repick ${who(o.task)} ${o.why}`;
    case 'wake':
    case 'return':
      return `${o.kind} ${who(o.task)}`;
    case 'idle':
      return `idle ${o.why}`;
    case 'deadlock':
      return `deadlock ${o.cycle.map(who).join(' ')}`;
  }
}
