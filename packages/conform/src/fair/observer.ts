import type { RunQueue, SchedClass, Task } from '@proxysched/core';
import { CfsClass, FairClass, type CfsEntity, type CfsRq, type FairEntity } from '@proxysched/fair';
import type { Cell } from './sequence.js';

/** A column's value as found; `NOT_COMPARED`: it means nothing here; `undefined`: the model does not have it. */
export type Found = Cell | boolean | undefined | typeof NOT_COMPARED;
export const NOT_COMPARED = Symbol('not compared');

/** What a recorded row shows, read from a class at rest, by the names of the columns. */
export interface Observer {
  entity(id: string, column: string): Found;
  queue(id: string, column: string): Found;
}

/** Where the observed things are. */
export interface Observed {
  readonly rqs: readonly RunQueue[];
  readonly task: (id: string) => Task | undefined;
}

export function observerOf(cls: SchedClass, where: Observed): Observer {
  if (cls instanceof CfsClass) return new CfsObserver(cls, where);
  if (cls instanceof FairClass) return new EevdfObserver(cls, where);
  throw new TypeError(`${cls.name} is no fair class`);
}

/** `root@0`: the queue of all tasks of CPU 0. Others are those of groups. */
function cpuOf(id: string): number | null {
  const [queue, cpu] = id.split('@');
  return queue === 'root' ? Number(cpu) : null;
}

class CfsObserver implements Observer {
  constructor(
    private readonly cls: CfsClass,
    private readonly where: Observed,
  ) {}

  entity(id: string, column: string): Found {
    const e = this.where.task(id)?.sched.entity as CfsEntity | undefined;
    switch (column) {
      case 'on_rq':
        return e?.onRq;
      case 'vruntime':
        return e?.vruntime;
      case 'weight':
        return e?.weight;
      default:
        return undefined;
    }
  }

  queue(id: string, column: string): Found {
    const cpu = cpuOf(id);
    if (cpu === null) return undefined;
    const q = this.cls.queue(this.where.rqs[cpu]!);
    switch (column) {
      case 'nr_queued':
      case 'h_nr_runnable':
        return q.nrQueued;
      case 'min_vruntime':
        return q.minVruntime;
      case 'total_weight':
        return q.load / 1024;
      case 'curr':
        return q.curr?.owner.comm ?? null;
      case 'min_slice_ns':
        return NOT_COMPARED; // no requests, so no shortest one
      default:
        return undefined;
    }
  }
}

class EevdfObserver implements Observer {
  constructor(
    private readonly cls: FairClass,
    private readonly where: Observed,
  ) {}

  entity(id: string, column: string): Found {
    const p = this.where.task(id);
    // A group has an entity on each CPU; files that show groups have one CPU.
    const e = p === undefined ? this.level(`${id}@0`)?.entity : (p.sched.entity as FairEntity);
    if (e === undefined || e === null) return undefined;
    const { version } = this.cls.rules;
    const onTimeline = p !== undefined || !version.flat;
    const is612 = version.name === '6.12';
    const runs = e.cfsRq !== null && e.cfsRq.timeline.curr === e;
    switch (column) {
      case 'on_rq':
        return e.onRq;
      case 'delayed':
        return onTimeline && e.delayed;
      case 'vruntime':
        return onTimeline ? e.vruntime : 0;
      case 'deadline':
        return onTimeline ? e.deadline : 0;
      case 'vlag':
        // 6.12 keeps lag and protection in one field.
        return onTimeline && (!e.onRq || (e.delayed && !is612)) ? e.vlag + 0 : 0;
      case 'slice_ns':
        return onTimeline ? e.slice : 0;
      case 'rel_deadline':
        return onTimeline && e.relDeadline;
      case 'protected':
        return onTimeline && runs && version.isProtected(e);
      case 'vprot':
        return onTimeline && runs ? e.vprot : 0;
      case 'weight':
        return onTimeline ? e.weight : e.load;
      case 'util_avg':
        return e.avg.utilAvg;
      case 'runnable_avg':
        return e.avg.runnableAvg;
      case 'load_avg':
        return e.avg.loadAvg;
      case 'util_est':
        return e.utilEst;
      default:
        return undefined;
    }
  }

  queue(id: string, column: string): Found {
    const level = this.level(id);
    if (level === undefined) return undefined;
    const q = level.timeline;
    const empty = q.nrQueued === 0;
    switch (column) {
      case 'nr_queued':
        return q.nrQueued;
      case 'V':
        return empty ? NOT_COMPARED : q.virtualTime();
      case 'total_weight':
        return q.totalWeight();
      case 'curr':
        return q.curr === null ? null : (q.curr.task?.comm ?? q.curr.my!.group!.name);
      case 'min_slice_ns':
        return empty ? 0 : q.minSlice();
      case 'h_nr_runnable':
        return level.hNrRunnable;
      case 'util_avg':
        return level.avg.utilAvg;
      case 'runnable_avg':
        return level.avg.runnableAvg;
      case 'load_avg':
        return level.avg.loadAvg;
      case 'runtime_remaining':
        return level.runtimeRemaining;
      case 'throttled':
        return level.throttled;
      default:
        return undefined;
    }
  }

  private level(id: string): CfsRq | undefined {
    const [group, cpu] = id.split('@');
    return this.cls.levels(this.where.rqs[Number(cpu)]!).find(q => (q.group?.name ?? 'root') === group);
  }
}
