// The class of examples/class-skeleton in plain JavaScript, to be loaded without a build:
//   npx proxysched run scenarios/priority-inversion --module ./examples/round-robin.mjs
import { add, defineModule, get, KERNEL, OPTION_LIST, OPTIONS, SCHED_CLASS } from '@proxysched/kit';

/** @implements {import('@proxysched/core').SchedClass} */
class RoundRobin {
  name = 'round-robin';
  policies = ['normal', 'batch', 'idle'];
  queues = [];

  constructor(kernel, slice) { this.kernel = kernel; this.slice = slice; }
  init(rq) { this.queues[rq.cpu] = []; }
  entity(task) { return { owner: task, used: 0 }; }

  enqueueTask(rq, p) { this.queues[rq.cpu].push(p); }
  dequeueTask(rq, p) { const q = this.queues[rq.cpu]; q.splice(q.indexOf(p), 1); }
  pickTask(rq) { return this.queues[rq.cpu][0] ?? null; }
  wakeupPreempt() { return false; }

  updateCurr(rq, delta) {
    const { donor } = rq;
    const e = donor.sched.entity;
    e.used += delta;
    if (e.used < this.slice || donor.onRq !== 'queued') return;
    this.dequeueTask(rq, donor);
    this.enqueueTask(rq, donor);
    e.used = 0;
    this.kernel.resched(rq);
  }
  sliceLeft(rq, donor) {
    return this.queues[rq.cpu].length > 1 ? this.slice - donor.sched.entity.used : Infinity;
  }
}

export default defineModule({
  name: 'round-robin',
  register: c => {
    add(c, OPTION_LIST, { value: { 'round-robin.slice': { default: 3_000_000, about: 'Time each task gets in its turn, ns.' } } });
    add(c, SCHED_CLASS, { factory: from => new RoundRobin(get(from, KERNEL), get(from, OPTIONS)['round-robin.slice'] ?? 3_000_000) });
  },
});
