import type {
  LockError,
  BackOffReason,
  ChainOutcome,
  CpuId,
  DeadlockAction,
  MoveReason,
  Mutex,
  Nanos,
  ReleaseKind,
  SimResult,
  Task,
  TraceSink,
} from '@proxysched/core';
import type { EventName } from './events.js';
import type { HotplugChange } from '@proxysched/core';
import { msExact } from './format.js';
import type { RunInfo } from './run-info.js';

/** State letters as the kernel prints them: `D` waits for a lock, `R+` was preempted. */
const STATE_LETTER = { new: 'N', running: 'R', waking: 'W', sleeping: 'S', blocked: 'D', dead: 'X' } as const;

/**
 * A run as text: a header of comment lines, then one line per event in fixed columns (the legend is `docs/trace.md`).
 * Time in ms with six decimals, so every nanosecond shows. The same run gives the same bytes.
 */
export class TextSink implements TraceSink {
  /**
   * @param write Takes one line, without its line end.
   * @param passes Whether the ends of scheduling passes have lines of their own.
   */
  constructor(
    private readonly write: (line: string) => void,
    private readonly info: RunInfo,
    private readonly passes = false,
  ) {}

  begin(): void {
    const { workload, cpus, proxy, seed, until, classes, options, version } = this.info;
    this.write(`# proxysched ${version}`);
    this.write(`# scenario ${workload}  seed ${seed}  cpus ${cpus}  proxy ${proxy}  until ${msExact(until)} ms`);
    this.write(`# classes ${classes.join(' ')}`);
    const names = Object.keys(options).sort();
    this.write(`# options ${names.length === 0 ? '-' : names.map(name => `${name}=${options[name]}`).join(' ')}`);
    this.write(`#${'time ms'.padStart(15)} cpu  ${'event'.padEnd(13)}  ${'task'.padEnd(20)} details`);
  }

  schedEntry(now: Nanos, cpu: CpuId): void {
    if (this.passes) this.line(now, cpu, 'schedEntry', null, '');
  }

  schedExit(now: Nanos, cpu: CpuId, switched: boolean): void {
    if (this.passes) this.line(now, cpu, 'schedExit', null, switched ? 'switched' : '');
  }

  schedSwitch(now: Nanos, cpu: CpuId, prev: Task, next: Task, donor: Task, preempted: boolean): void {
    const queued = prev.state === 'blocked' && prev.onRq !== 'no' && !prev.schedDelayed;
    const state = isIdle(prev) ? '' : `:${STATE_LETTER[prev.state]}${preempted ? '+' : ''}${queued ? 'q' : ''}`;
    const forWhom = donor === next ? '' : ` donor=${who(donor)}`;
    this.line(now, cpu, 'schedSwitch', next, `prev=${who(prev)}${state}${forWhom}`);
  }

  schedRepick(now: Nanos, cpu: CpuId, repicks: number): void {
    this.line(now, cpu, 'schedRepick', null, `repicks=${repicks}`);
  }

  schedWaking(now: Nanos, p: Task, waker: Task | null, fork: boolean): void {
    this.line(now, p.cpu, 'schedWaking', p, `by=${waker === null ? 'timer' : who(waker)}${fork ? ' fork' : ''}`);
  }

  schedWakeup(now: Nanos, p: Task): void {
    this.line(now, p.cpu, 'schedWakeup', p, '');
  }

  schedMigrate(now: Nanos, p: Task, from: CpuId, to: CpuId, why: MoveReason): void {
    this.line(now, from, 'schedMigrate', p, `to=${to} why=${why}`);
  }

  mutexRequest(now: Nanos, p: Task, m: Mutex): void {
    this.line(now, p.cpu, 'mutexRequest', p, `mutex=${m.name}`);
  }

  mutexSpin(now: Nanos, p: Task, m: Mutex, on: boolean): void {
    this.line(now, p.cpu, 'mutexSpin', p, `mutex=${m.name} ${on ? `on owner=${m.owner === null ? '-' : who(m.owner)}` : 'off'}`);
  }

  mutexBlocked(now: Nanos, p: Task, m: Mutex): void {
    this.line(now, p.cpu, 'mutexBlocked', p, `mutex=${m.name} owner=${m.owner === null ? '-' : who(m.owner)} waiters=${m.nrWaiters}`);
  }

  mutexAcquired(now: Nanos, p: Task, m: Mutex, waited: boolean, stolen: boolean): void {
    this.line(now, p.cpu, 'mutexAcquired', p, `mutex=${m.name}${waited ? ' waited' : ''}${stolen ? ' stolen' : ''}`);
  }

  mutexReleased(now: Nanos, m: Mutex, by: Task, to: Task | null, how: ReleaseKind): void {
    const named = to === null ? '-' : `${who(to)} how=${how}`;
    this.line(now, by.cpu, 'mutexReleased', by, `mutex=${m.name} to=${named}`);
  }

  mutexFailed(now: Nanos, p: Task, m: Mutex, error: LockError): void {
    this.line(now, p.cpu, 'mutexFailed', p, `mutex=${m.name} error=${error}`);
  }

  mutexBackOff(now: Nanos, victim: Task, m: Mutex, by: Task, why: BackOffReason): void {
    this.line(now, victim.cpu, 'mutexBackOff', victim, `mutex=${m.name} by=${who(by)} why=${why}`);
  }

  proxyOutcome(now: Nanos, cpu: CpuId, donor: Task, outcome: ChainOutcome): void {
    this.line(now, cpu, 'proxyOutcome', donor, outcomeText(outcome));
  }

  proxyPark(now: Nanos, p: Task, owner: Task): void {
    this.line(now, p.cpu, 'proxyPark', p, `owner=${who(owner)}`);
  }

  proxyUnpark(now: Nanos, p: Task, owner: Task): void {
    this.line(now, p.cpu, 'proxyUnpark', p, `owner=${who(owner)}`);
  }

  deadlock(now: Nanos, cycle: readonly Task[], action: DeadlockAction): void {
    const victims = 'victims' in action ? ` victims=${action.victims.map(who).join(',')}` : '';
    const after = action.kind === 'timeout' ? ` after=${msExact(action.after)}` : '';
    this.line(
      now,
      cycle[0]?.cpu ?? null,
      'deadlock',
      cycle[0] ?? null,
      `cycle=${cycle.map(who).join(',')} action=${action.kind}${victims}${after}`,
    );
  }

  jobRelease(now: Nanos, p: Task, release: Nanos, deadline: Nanos): void {
    this.line(now, p.cpu, 'jobRelease', p, `release=${msExact(release)} deadline=${deadline < 0 ? '-' : msExact(deadline)}`);
  }

  jobDone(now: Nanos, p: Task, release: Nanos): void {
    this.line(now, p.cpu, 'jobDone', p, `release=${msExact(release)} response=${msExact(now - release)}`);
  }

  taskExit(now: Nanos, p: Task): void {
    this.line(now, p.cpu, 'taskExit', p, '');
  }

  classMark(now: Nanos, cpu: CpuId, mark: string, p: Task, value: number): void {
    this.line(now, cpu, 'classMark', p, `mark=${mark} value=${value}`);
  }

  cpuHotplug(now: Nanos, cpu: CpuId, what: HotplugChange): void {
    this.line(now, cpu, 'cpuHotplug', null, what);
  }

  affinityLost(now: Nanos, p: Task, cpu: CpuId): void {
    this.line(now, cpu, 'affinityLost', p, '');
  }

  ioWait(now: Nanos, p: Task, cpu: CpuId, count: number, waits: boolean): void {
    this.line(now, cpu, 'ioWait', p, `${waits ? 'begins' : 'ends'} waiting=${count}`);
  }

  end(now: Nanos, result: SimResult): void {
    const cycle = result.outcome === 'deadlock' ? ` cycle=${result.cycle.map(who).join(',')}` : '';
    const passes = result.outcome === 'stalled' ? ` passes=${result.evidence.passes}` : '';
    this.line(now, null, 'end', null, `outcome=${result.outcome} events=${result.events}${cycle}${passes}`);
  }

  private line(now: Nanos, cpu: number | null, event: EventName, p: Task | null, details: string): void {
    const at = msExact(now).padStart(16);
    const where = (cpu === null ? '-' : String(cpu)).padStart(3);
    this.write(`${at} ${where}  ${event.padEnd(13)}  ${(p === null ? '-' : who(p)).padEnd(20)} ${details}`.trimEnd());
  }
}

function isIdle(p: Task): boolean {
  return p.pid <= 0;
}

function who(p: Task): string {
  return isIdle(p) ? 'idle' : `${p.comm}/${p.pid}`;
}

function outcomeText(outcome: ChainOutcome): string {
  switch (outcome.kind) {
    case 'run':
    case 'retake':
      return `${outcome.kind} task=${who(outcome.task)} depth=${outcome.depth}`;
    case 'migrate':
      return `migrate task=${who(outcome.task)} to=${outcome.to}`;
    case 'park':
      return `park task=${who(outcome.task)} owner=${who(outcome.owner)}`;
    case 'deactivate':
      return `deactivate task=${who(outcome.task)} why=${outcome.why}`;
    case 'repick':
      return `repick task=${who(outcome.task)} why=${outcome.why}`;
    case 'wake':
    case 'return':
      return `${outcome.kind} task=${who(outcome.task)}`;
    case 'idle':
      return `idle why=${outcome.why}`;
    case 'deadlock':
      return `deadlock cycle=${outcome.cycle.map(who).join(',')}`;
  }
}
