/** A task as a trace names it. */
export interface TracedTask {
  readonly pid: number;
  readonly comm: string;
}

/** What a line of a trace says, as far as a workload can be read from it. Times in ns as printed. */
export type TraceEvent = { readonly t: number; readonly cpu: number } & (
  | {
      readonly kind: 'switch';
      readonly prev: TracedTask;
      readonly prevPrio: number;
      readonly state: string;
      readonly next: TracedTask;
      readonly nextPrio: number;
    }
  | { readonly kind: 'waking' | 'wakeup'; readonly task: TracedTask; readonly prio: number; readonly target: number }
  | { readonly kind: 'migrate'; readonly task: TracedTask; readonly from: number; readonly to: number }
  /** A lock mark of the task that runs: it asks, it has, it lets go. */
  | { readonly kind: 'mark'; readonly task: TracedTask; readonly what: LockMark; readonly lock: string }
);

export type LockMark = 'req' | 'got' | 'rel';

/** A trace, read. */
export interface Trace {
  readonly events: readonly TraceEvent[];
  /** As the trace says, or one more than the highest seen. */
  readonly cpus: number;
  /** Lines that are neither understood nor comments. */
  readonly unread: number;
  /** The first of them, with its number. */
  readonly firstUnread: { readonly line: number; readonly text: string } | null;
  /** Places where the trace says that events were lost. */
  readonly lost: number;
}
