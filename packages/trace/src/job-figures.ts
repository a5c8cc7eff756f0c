import type { CpuId, Kernel, Mutex, Nanos, Task, TraceSink } from '@proxysched/core';

/** What became of a task's jobs. Times in ns. */
export interface JobFigures {
  /** Jobs with a release before the end of the run; of a task that is behind also those it has not begun. */
  readonly released: number;
  readonly completed: number;
  /** Completed, and later than the deadline. */
  readonly missed: number;
  readonly maxResponse: Nanos;
  /** `null`: none completed. */
  readonly minResponse: Nanos | null;
  readonly sumResponse: Nanos;
  /** Times a job was displaced while it could go on, after it had run. */
  readonly preemptions: number;
  /** Times such a job was dispatched again. */
  readonly resumes: number;
  /** Requests for a lock that had to wait. */
  readonly blockings: number;
}

/** Running figures of one task. */
class Fold {
  first: Nanos = -1;
  begun = 0;
  completed = 0;
  missed = 0;
  maxResponse: Nanos = 0;
  minResponse: Nanos = Infinity;
  sumResponse: Nanos = 0;
  preemptions = 0;
  resumes = 0;
  blockings = 0;
  deadline: Nanos = -1;
  /** Its job in hand has been running since then; meaningful while it runs. */
  since: Nanos = 0;
  displaced = false;
  requested = false;
}

/**
 * Job by job while the run goes on: a few additions an event, the same memory however long it takes. What simulators of
 * real-time theory report.
 */
export class JobFigureSink implements TraceSink {
  private readonly folds: Fold[] = [];
  private kernel: Kernel | null = null;
  private endTime: Nanos = 0;

  begin(kernel: Kernel): void {
    this.kernel = kernel;
    for (const p of kernel.tasks) this.folds[p.pid] = new Fold();
  }

  schedSwitch(now: Nanos, _cpu: CpuId, prev: Task, next: Task, _donor: Task, preempted: boolean): void {
    if (prev === next) return;
    if (preempted && prev.pid > 0) {
      const f = this.of(prev);
      if (now > f.since) {
        f.preemptions++;
        f.displaced = true;
      }
    }
    if (next.pid > 0) {
      const f = this.of(next);
      f.since = now;
      if (f.displaced) {
        f.displaced = false;
        f.resumes++;
      }
    }
  }

  mutexRequest(_now: Nanos, p: Task): void {
    this.of(p).requested = true;
  }

  /** Again for each round that a thief won: counted once. */
  mutexBlocked(_now: Nanos, p: Task, _m: Mutex): void {
    const f = this.of(p);
    if (f.requested) f.blockings++;
    f.requested = false;
  }

  jobRelease(now: Nanos, p: Task, release: Nanos, deadline: Nanos): void {
    const f = this.of(p);
    if (f.begun++ === 0) f.first = release;
    f.deadline = deadline;
    f.since = now;
  }

  jobDone(now: Nanos, p: Task, release: Nanos): void {
    const f = this.of(p);
    const response = now - release;
    f.completed++;
    f.sumResponse += response;
    if (response > f.maxResponse) f.maxResponse = response;
    if (response < f.minResponse) f.minResponse = response;
    if (f.deadline >= 0 && now > f.deadline) f.missed++;
  }

  end(now: Nanos): void {
    this.endTime = now;
  }

  /** By pid − 1, as `kernel.tasks`. After the end of the run. */
  figures(): readonly JobFigures[] {
    return (this.kernel?.tasks ?? []).map(p => {
      const { completed, missed, maxResponse, minResponse, sumResponse, preemptions, resumes, blockings } = this.of(p);
      const least = completed === 0 ? null : minResponse;
      return {
        released: this.released(p),
        completed,
        missed,
        maxResponse,
        minResponse: least,
        sumResponse,
        preemptions,
        resumes,
        blockings,
      };
    });
  }

  private of(p: Task): Fold {
    return (this.folds[p.pid] ??= new Fold());
  }

  /** A task with one timer is released by the clock, whether it is ready for it or not; any other when it begins a job. */
  private released(p: Task): number {
    const { first, begun } = this.of(p);
    const timers = p.exec.program.ops.filter(op => op.op === 'timer');
    const [timer] = timers;
    if (begun === 0 || timers.length !== 1 || timer?.op !== 'timer' || timer.mode !== 'absolute' || p.state === 'dead') return begun;
    return this.endTime > first ? Math.ceil((this.endTime - first) / timer.period) : 0;
  }
}
