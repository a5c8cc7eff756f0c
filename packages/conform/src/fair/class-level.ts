import {
  DEQUEUE_MOVE,
  DEQUEUE_SAVE,
  DEQUEUE_SLEEP,
  DEQUEUE_SPECIAL,
  ENQUEUE_DELAYED,
  ENQUEUE_INITIAL,
  ENQUEUE_WAKEUP,
  WAKE_FORK,
  WAKE_TTWU,
  changedPolicy,
  type FairPolicy,
  type RunQueue,
  type Task,
} from '@proxysched/core';
import { FairClass, type CfsBandwidth } from '@proxysched/fair';
import type { Tally } from '../tally.js';
import { ClassBench } from './class-bench.js';
import { Rows } from './compare-rows.js';
import { groupsOf } from './groups.js';
import { observerOf } from './observer.js';
import type { Sequence, SequenceOp, Workload } from './sequence.js';
import { changeOf, dialsOf, policyOf } from './workload-parts.js';

/**
 * The log's operations given to the class in order, and after each of them everything compared with what the log says then. Ends at
 * the first difference: what follows would be consequences. True: there was none.
 */
export function classLevel(file: Sequence, w: Workload, tally: Tally): boolean {
  const { groups, byId } = groupsOf(w);
  const k = new ClassBench(w.sim_cpus, w.hz, dialsOf(w), groups, w.t0);
  const tasks = new Map(w.tasks.map(t => [t.id, k.task(t.id, policyOf(w, t), byId.get(t.group)!)]));
  const rows = new Rows(file);
  const observer = observerOf(k.cls, { rqs: k.rqs, task: id => tasks.get(id) });

  return w.ops.every((op, index) => {
    const where = `class level, ${w.name}, op ${index} (${op.op}${op.task === undefined ? '' : ` ${op.task}`}) at ${op.t}`;
    k.queue.now = op.t;
    const after = apply(k, w, op, op.task === undefined ? null : tasks.get(op.task)!);
    if (after === null) return tally.that('class', false, () => `${where}: the model has no such operation`);
    rows.take(op);
    return (
      (op.next === undefined || tally.equal('class', `${where}: next`, op.next, after.next)) &&
      tally.equal('class', `${where}: resched`, op.resched, after.resched) &&
      (op.pool === undefined || tally.equal('class', `${where}: pool`, op.pool, bandwidthOf(k, op)?.runtime)) &&
      rows.hold(tally, 'class', where, observer)
    );
  });
}

interface After {
  readonly next: string | null;
  readonly resched: number;
}

function apply(k: ClassBench, w: Workload, op: SequenceOp, p: Task | null): After | null {
  const rq = k.rqs[op.cpu]!;
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
      k.cls.taskTick?.(rq, rq.donor);
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
      k.cls.yieldTask?.(rq);
      break;
    case 'nice':
    case 'slice':
    case 'policy':
      change(k, w, rq, op, p!);
      break;
    case 'migrate':
      where = k.rqs[op.dst!]!;
      k.migrate(rq, p!, where);
      break;
    case 'set_cpu':
      where = k.rqs[op.dst!]!;
      k.assign(p!, where.cpu);
      break;
    case 'cfs_period':
      bandwidthOf(k, op)?.periodEnd();
      break;
    case 'cfs_slack':
      bandwidthOf(k, op)?.slackEnd();
      break;
    default:
      return null;
  }
  return { next: next === rq.idle ? null : next.comm, resched: where.needResched ? 1 : 0 };
}

function bandwidthOf(k: ClassBench, op: SequenceOp): CfsBandwidth | null {
  if (!(k.cls instanceof FairClass)) return null;
  return k.cls.hierarchy.groups.find(g => g?.name === op.group)?.bandwidth ?? null;
}

function change(k: ClassBench, w: Workload, rq: RunQueue, op: SequenceOp, p: Task): void {
  const change = changeOf(w, op.op, op.value!);
  // `set_user_nice` with the nice it has does nothing.
  if (change === null || (op.op === 'nice' && change.nice === (p.sched.policy as FairPolicy).nice)) return;
  // The recorded changes of a slice let the queue move on without the task.
  const save = op.op === 'slice' ? DEQUEUE_SAVE | DEQUEUE_MOVE : DEQUEUE_SAVE;
  k.change(rq, p, changedPolicy(p.sched.policy, change) as FairPolicy, save);
}
