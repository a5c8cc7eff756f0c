import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CpuSet,
  DEQUEUE_DELAYED,
  DEQUEUE_MIGRATE,
  DEQUEUE_SAVE,
  DEQUEUE_SLEEP,
  DEQUEUE_SPECIAL,
  ENQUEUE_DELAYED,
  ENQUEUE_INITIAL,
  ENQUEUE_MIGRATED,
  ENQUEUE_RESTORE,
  ENQUEUE_WAKEUP,
  EventQueue,
  TaskGroup,
  WAKE_FORK,
  WAKE_TTWU,
  type Kernel,
  type OptionValue,
  type Policy,
  type RunQueue,
  type Task,
} from '@proxysched/core';
import type { CfsBandwidth } from '../src/bandwidth.js';
import type { CfsRq } from '../src/cfs-rq.js';
import { FairClass } from '../src/fair-class.js';
import type { FairEntity } from '../src/fair-entity.js';

/** The class-level replay of `golden/fair` sequences: the log's operations in, the log's states out. */

type Cell = string | number | null;

interface Op {
  readonly t: string;
  readonly cpu: number;
  readonly op: string;
  readonly task?: string;
  readonly prev?: string | null;
  readonly next?: string | null;
  readonly value?: string;
  readonly group?: string;
  readonly pool?: string;
  readonly dst?: number;
  readonly resched: number;
  readonly ents: readonly (readonly Cell[])[];
  readonly rqs: readonly (readonly Cell[])[];
}

export interface Workload {
  readonly name: string;
  readonly kernel: string;
  readonly hz: number;
  readonly base_slice_ns: string;
  readonly normalized_base_slice_ns: string;
  readonly features: Readonly<Record<string, number>>;
  readonly t0: string;
  readonly sim_cpus: number;
  readonly pelt: boolean;
  readonly cpu_capacity: number;
  readonly groups: readonly {
    readonly id: string;
    readonly parent: string | null;
    readonly shares: number;
    readonly quota_ns: string | null;
    readonly period_ns: string;
    readonly burst_ns: string;
  }[];
  readonly tasks: readonly {
    readonly id: string;
    readonly nice: number;
    readonly policy: string;
    readonly slice_ns: string | null;
    readonly group: string | null;
  }[];
  readonly ops: readonly Op[];
}

export interface Sequence {
  readonly kernel: string;
  readonly family: string;
  readonly workloads: readonly Workload[];
}

/** A file of recorded values, as it is. */
export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(join(__dirname, '../../conform/data/fair', `${name}.json`), 'utf8')) as T;
}

/** The options of a workload: its features under our names. */
export function optionsOf(w: Workload): Record<string, OptionValue> {
  const options: Record<string, OptionValue> = {
    'fair.version': w.kernel.split('.').slice(0, 2).join('.'),
    'fair.slice': Number(w.base_slice_ns),
    'fair.baseSlice': Number(w.normalized_base_slice_ns),
    'fair.loadTracking': w.pelt ? 'on' : 'auto',
    'fair.cpuCapacity': w.cpu_capacity,
  };
  for (const [name, on] of Object.entries(w.features)) {
    if (name === 'PARANOID_AVG' || name === 'HRTICK') continue;
    options[`fair.${name.toLowerCase().replace(/_(.)/g, (_, c: string) => c.toUpperCase())}`] = on !== 0;
  }
  return options;
}

/** As much of a kernel as a class needs, driven from outside. */
export class FakeKernel {
  readonly queue = new EventQueue();
  readonly rqs: RunQueue[] = [];
  readonly idleCpus: CpuSet;
  readonly machine: { readonly cpus: number; readonly hz: number };
  readonly cls: FairClass;
  private pids = 0;

  constructor(
    cpus: number,
    hz: number,
    options: Readonly<Record<string, OptionValue>>,
    now = 0,
    readonly groups: readonly TaskGroup[] = [new TaskGroup(0, '/', 1024, null)],
  ) {
    this.machine = { cpus, hz };
    this.queue.now = now;
    this.idleCpus = new CpuSet(cpus);
    this.cls = new FairClass(this as unknown as Kernel, options);
    for (let cpu = 0; cpu < cpus; cpu++) {
      const idle = { comm: 'idle', sched: { cls: null } } as unknown as Task;
      this.rqs.push({ cpu, idle, donor: idle, curr: idle, charged: now, needResched: false, nrQueued: 0 } as unknown as RunQueue);
      this.cls.init(this.rqs[cpu]!);
    }
  }

  task(comm: string, policy: Policy, group: TaskGroup = this.groups[0]!): Task {
    const cpusAllowed = CpuSet.all(this.machine.cpus);
    const sched = { cls: this.cls, policy, group };
    const p = {
      pid: ++this.pids,
      comm,
      sched,
      cpu: 0,
      onRq: 'no',
      schedDelayed: false,
      isBlocked: false,
      exec: { cpusAllowed, held: 0 },
    } as unknown as Task;
    p.sched.entity = this.cls.entity(p);
    return p;
  }

  resched(rq: RunQueue): void {
    rq.needResched = true;
  }

  charge(rq: RunQueue): void {
    const delta = this.queue.now - rq.charged;
    rq.charged = this.queue.now;
    if (delta > 0 && rq.donor !== rq.idle) this.cls.updateCurr(rq, delta);
  }

  finishDelayed(rq: RunQueue, p: Task): void {
    this.cls.dequeueTask(rq, p, DEQUEUE_SLEEP | DEQUEUE_DELAYED);
    p.schedDelayed = false;
    p.onRq = 'no';
    rq.nrQueued--;
  }

  enqueue(rq: RunQueue, p: Task, flags: number): void {
    this.charge(rq);
    this.cls.enqueueTask(rq, p, flags);
    if ((flags & ENQUEUE_DELAYED) === 0) rq.nrQueued++;
    p.onRq = 'queued';
    p.schedDelayed &&= (flags & ENQUEUE_DELAYED) === 0;
  }

  dequeue(rq: RunQueue, p: Task, flags: number): void {
    this.charge(rq);
    if (this.cls.dequeueTask(rq, p, flags) === false) {
      p.schedDelayed = true;
    } else {
      rq.nrQueued--;
      if ((flags & DEQUEUE_SAVE) === 0) p.onRq = 'no';
    }
  }

  checkPreempt(rq: RunQueue, p: Task, flags: number): void {
    if (rq.donor === p) return;
    if (rq.donor === rq.idle || this.cls.wakeupPreempt(rq, p, flags)) this.resched(rq);
  }

  schedule(rq: RunQueue, block: Task | null, flags: number): Task {
    this.charge(rq);
    if (block !== null) this.dequeue(rq, block, flags);
    this.cls.settle(rq);
    const next = this.cls.pickTask(rq) ?? rq.idle;
    const prev = rq.donor;
    if (next !== prev) {
      if (prev !== rq.idle) this.cls.putPrevTask(rq, prev, next);
      rq.donor = rq.curr = next;
      rq.charged = this.queue.now;
      if (next !== rq.idle) this.cls.setNextTask(rq, next, true);
    }
    rq.needResched = false;
    return next;
  }

  /** `__sched_setscheduler`, with the rule for changed priorities. */
  change(rq: RunQueue, p: Task, policy: Policy): void {
    const before = niceOf(p.sched.policy);
    const queued = p.onRq === 'queued';
    const donor = rq.donor === p;
    if (queued) this.dequeue(rq, p, DEQUEUE_SAVE);
    if (queued && donor) this.cls.putPrevTask(rq, p, null);
    p.sched.policy = policy;
    if (!queued) return this.cls.policyChanged(p);
    this.enqueue(rq, p, ENQUEUE_RESTORE);
    if (donor) this.cls.setNextTask(rq, p, false);
    if (niceOf(policy) === before || this.cls.queue(rq).nrQueued === 1) return;
    if (!donor) this.checkPreempt(rq, p, 0);
    else if (niceOf(policy) > before) this.resched(rq);
  }
}

function niceOf(policy: Policy): number {
  return 'nice' in policy ? policy.nice : 0;
}

const KINDS: Readonly<Record<string, 'normal' | 'batch' | 'idle'>> = {
  SCHED_NORMAL: 'normal',
  SCHED_BATCH: 'batch',
  SCHED_IDLE: 'idle',
  0: 'normal',
  3: 'batch',
  5: 'idle',
};

type FairPolicy = Extract<Policy, { kind: 'normal' | 'batch' | 'idle' }>;

/** `slice_ns` 0 or null: none of its own. */
function policyOf(kind: string, nice: number, slice: number): FairPolicy {
  return slice === 0 ? { kind: KINDS[kind]!, nice } : { kind: KINDS[kind]!, nice, slice };
}

/** Replays one workload; the first difference throws. Returns how many recorded values were compared. */
export function replay(w: Workload): number {
  const groups = groupsOf(w);
  const root = groups[0]!;
  const k = new FakeKernel(w.sim_cpus, w.hz, optionsOf(w), Number(w.t0), groups);
  const columns = columnsOf(w);
  const tasks = new Map<string, Task>();
  for (const t of w.tasks) {
    tasks.set(
      t.id,
      k.task(t.id, policyOf(t.policy, t.nice, Number(t.slice_ns ?? 0)), t.group === null ? root : groups.find(g => g.name === t.group)!),
    );
  }

  const expected = new Map<string, readonly Cell[]>();
  let compared = 0;
  w.ops.forEach((op, index) => {
    k.queue.now = Number(op.t);
    const rq = k.rqs[op.cpu]!;
    const seen = apply(k, rq, op, op.task === undefined ? null : tasks.get(op.task)!);
    const fail = (what: string, got: unknown, want: unknown): never => {
      throw new Error(`${w.name} op ${index} (${op.op} ${op.task ?? ''} at ${op.t}): ${what} is ${String(got)}, recorded ${String(want)}`);
    };
    if ('next' in op && seen.next !== op.next) fail('next', seen.next, op.next);
    if (seen.resched !== op.resched) fail('resched', seen.resched, op.resched);
    compared += 'next' in op ? 2 : 1;
    if (op.pool !== undefined) {
      const { runtime } = bandwidthOf(k, op.group!);
      if (runtime !== Number(op.pool)) fail('pool', runtime, op.pool);
      compared++;
    }

    for (const row of op.ents) expected.set(String(row[0]), row);
    for (const row of op.rqs) expected.set(String(row[0]), row);
    const listed = new Set([...op.ents, ...op.rqs].map(row => row[0]));
    for (const [id, want] of expected) {
      const got = id.includes('@') ? queueRow(k, id, columns) : entityRow(k, id, tasks.get(id), w);
      got.forEach((cell, i) => {
        if (cell === undefined) return;
        if (String(cell) !== String(want[i])) fail(`${id}, column ${i}, of [${got.join(' ')}]`, cell, want[i]);
        if (listed.has(id) && i > 0) compared++;
      });
    }
  });
  return compared;
}

function apply(k: FakeKernel, rq: RunQueue, op: Op, p: Task | null): { next: string | null; resched: number } {
  let next: Task = rq.idle;
  let where = rq;
  switch (op.op) {
    case 'fork':
      p!.cpu = rq.cpu;
      k.enqueue(rq, p!, ENQUEUE_INITIAL);
      k.checkPreempt(rq, p!, WAKE_FORK);
      break;
    case 'wake':
      k.enqueue(rq, p!, p!.schedDelayed ? ENQUEUE_WAKEUP | ENQUEUE_DELAYED : ENQUEUE_WAKEUP);
      k.checkPreempt(rq, p!, WAKE_TTWU);
      break;
    case 'tick':
      k.charge(rq);
      k.cls.taskTick(rq, rq.donor);
      break;
    case 'block':
      next = k.schedule(rq, p, DEQUEUE_SLEEP);
      break;
    case 'exit':
      next = k.schedule(rq, p, DEQUEUE_SLEEP | DEQUEUE_SPECIAL);
      break;
    case 'schedule':
      next = k.schedule(rq, null, 0);
      break;
    case 'yield':
      k.charge(rq);
      k.cls.yieldTask(rq);
      break;
    case 'nice':
    case 'slice':
    case 'policy': {
      const { kind, nice, slice = 0 } = p!.sched.policy as FairPolicy;
      const value = Number(op.value);
      // `set_user_nice` with the nice it has does nothing.
      if (op.op === 'nice' && value === nice) break;
      if (op.op === 'nice') k.change(rq, p!, policyOf(kindName(kind), value, slice));
      else if (op.op === 'slice') k.change(rq, p!, policyOf(kindName(kind), nice, value));
      else k.change(rq, p!, policyOf(op.value!, nice, slice));
      break;
    }
    case 'migrate':
      where = k.rqs[op.dst!]!;
      k.dequeue(rq, p!, DEQUEUE_MIGRATE);
      p!.cpu = where.cpu;
      k.enqueue(where, p!, ENQUEUE_MIGRATED);
      k.checkPreempt(where, p!, 0);
      break;
    case 'cfs_period':
      bandwidthOf(k, op.group!).periodEnd();
      break;
    case 'cfs_slack':
      bandwidthOf(k, op.group!).slackEnd();
      break;
    case 'set_cpu':
      where = k.rqs[op.dst ?? op.cpu]!;
      p!.cpu = where.cpu;
      break;
    default:
      throw new Error(`unknown operation ${op.op}`);
  }
  return { next: next === rq.idle ? null : next.comm, resched: where.needResched ? 1 : 0 };
}

function kindName(kind: FairPolicy['kind']): string {
  return `SCHED_${kind.toUpperCase()}`;
}

function groupsOf(w: Workload): TaskGroup[] {
  const groups = [new TaskGroup(0, '/', 1024, null)];
  for (const g of w.groups) {
    const parent = g.parent === null ? groups[0]! : groups.find(other => other.name === g.parent)!;
    const limit = g.quota_ns === null ? null : { quota: Number(g.quota_ns), period: Number(g.period_ns), burst: Number(g.burst_ns) };
    groups.push(new TaskGroup(groups.length, g.id, g.shares, parent, limit));
  }
  return groups;
}

function bandwidthOf(k: FakeKernel, name: string): CfsBandwidth {
  return k.cls.hierarchy.groups.find(g => g?.name === name)!.bandwidth!;
}

function levelOf(k: FakeKernel, name: string): CfsRq {
  const [group, cpu] = name.split('@');
  return k.cls.levels(k.rqs[Number(cpu)]!).find(q => (q.group?.name ?? 'root') === group)!;
}

type Columns = 'plain' | 'pelt' | 'bandwidth';

function columnsOf(w: Workload): Columns {
  if (w.pelt) return 'pelt';
  return w.groups.some(g => g.quota_ns !== null) ? 'bandwidth' : 'plain';
}

/** The columns of an entity; `undefined` is not compared. */
function entityRow(k: FakeKernel, id: string, p: Task | undefined, w: Workload): (Cell | undefined)[] {
  const e = p === undefined ? levelOf(k, `${id}@0`).entity! : (p.sched.entity as FairEntity);
  const { version } = k.cls.rules;
  const load = w.pelt ? [e.avg.utilAvg, e.avg.runnableAvg, e.avg.loadAvg, e.utilEst] : [];
  // A group has no place of its own on a flat timeline.
  if (p === undefined && version.flat) return [id, Number(e.onRq), 0, 0, 0, 0, 0, 0, 0, e.load, ...load];
  const is612 = version.name === '6.12';
  const lagShown = !e.onRq || (e.delayed && !is612);
  const running = e.cfsRq !== null && e.cfsRq.timeline.curr === e;
  const vprot = !running ? 0 : is612 ? Number(version.isProtected(e)) : e.vprot;
  return [
    id,
    Number(e.onRq),
    Number(e.delayed),
    e.vruntime,
    e.deadline,
    lagShown ? e.vlag + 0 : 0,
    e.slice,
    Number(e.relDeadline),
    vprot,
    e.weight,
    ...load,
  ];
}

function queueRow(k: FakeKernel, id: string, columns: Columns): (Cell | undefined)[] {
  const level = levelOf(k, id);
  const q = level.timeline;
  const empty = q.nrQueued === 0;
  const row = [
    undefined,
    q.nrQueued,
    empty ? undefined : q.virtualTime(),
    q.totalWeight(),
    q.curr === null ? null : (q.curr.task?.comm ?? q.curr.my!.group!.name),
    empty ? 0 : q.minSlice(),
    level.hNrRunnable,
  ];
  if (columns === 'pelt') return [...row, level.avg.utilAvg, level.avg.runnableAvg, level.avg.loadAvg];
  if (columns === 'bandwidth') return [...row, level.runtimeRemaining, Number(level.throttled)];
  return row;
}
