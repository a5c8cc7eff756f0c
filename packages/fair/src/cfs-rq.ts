import { SchedAvg, type CpuId, type Nanos, type Weight } from '@proxysched/core';
import type { FairEntity } from './fair-entity.js';
import type { FairGroup } from './fair-group.js';
import type { FairQueue } from './fair-queue.js';
import type { FairRq } from './fair-rq.js';

/** The tick of the kernel's clock before it began: whoever published then may publish at once. */
const LONG_AGO: Nanos = -1_000_000_000;

/**
 * `struct cfs_rq`: the members of one group on one CPU (or of no group: the root). Who runs among them, what they weigh, their
 * load; who is next is the matter of the timeline, which 6.12 and 7.2 have per `CfsRq` and 7.3 once per CPU.
 */
export class CfsRq {
  /** Stands for this queue in the one above; `null`: the root. */
  entity: FairEntity | null = null;
  /** The member that runs, or the group it is in; 7.3's `h_curr`. */
  curr: FairEntity | null = null;
  /** Σ `load` of queued members, `curr` among them. */
  load: Weight = 0;
  /** Members queued, delayed ones included. */
  nrQueued = 0;
  /** Tasks at any depth below: queued, and of these not delayed. */
  hNrQueued = 0;
  hNrRunnable = 0;

  readonly avg = new SchedAvg(0);
  /** Averages of tasks that woke elsewhere, to be taken away at the next update. */
  removed = false;
  removedLoad = 0;
  removedUtil = 0;
  removedRunnable = 0;
  /** Something was attached or detached that the entity above does not know of. */
  propagate = false;
  propRunnableSum = 0;
  /** What the group knows of our averages, and since when. */
  tgLoadContrib = 0;
  tgRunnableContrib = 0;
  tgPublished: Nanos = LONG_AGO;
  /** Root only: Σ estimates of queued tasks. */
  utilEst = 0;
  /** Load as seen from the root, and the tick it is from. */
  hLoad = 0;
  hLoadTick = -1;

  /** Has a limit, and how much of it is left here. */
  runtimeEnabled = false;
  runtimeRemaining: Nanos = 0;
  throttled = false;
  /** Throttled queues among this and those above. */
  throttleCount = 0;
  /** 7.x: tasks taken off the timeline until there is runtime again. */
  readonly limbo: FairEntity[] = [];
  /** PELT clock when it stopped, or −1: it runs; and for how long it stood in all. */
  clockStopped: Nanos = -1;
  clockStood: Nanos = 0;

  constructor(
    readonly fairRq: FairRq,
    readonly group: FairGroup | null,
    /** The queue above. */
    readonly above: CfsRq | null,
    readonly timeline: FairQueue,
  ) {}

  get cpu(): CpuId {
    return this.fairRq.rq.cpu;
  }

  get name(): string {
    return `${this.group === null ? 'root' : this.group.name}@${this.cpu}`;
  }
}
