import type { Policy } from '@proxysched/core';
import { compareUrgency, urgencyLevels, urgentFirst, type TaskInfo } from '../src/index.js';

const task = (pid: number, rank: number, policy: Policy): TaskInfo => ({ pid, comm: `t${pid}`, policy, rank, cpus: null, deadline: 0 });
const idle = task(1, 2, { kind: 'idle', nice: 0 });
const nice5 = task(2, 2, { kind: 'normal', nice: 5 });
const nice0 = task(3, 2, { kind: 'batch', nice: 0 });
const rr7 = task(4, 1, { kind: 'rr', prio: 7 });
const fifo9 = task(5, 1, { kind: 'fifo', prio: 9 });
const dl = task(6, 0, { kind: 'deadline', runtime: 1, deadline: 2, period: 3 });

test('class, then priority or nice, then idle', () => {
  expect([idle, nice5, nice0, rr7, fifo9, dl].sort(compareUrgency).map(p => p.pid)).toEqual([6, 5, 4, 3, 2, 1]);
  expect([...urgencyLevels([undefined, idle, nice5, nice0, rr7, fifo9, dl])]).toEqual([6, 5, 4, 3, 2, 1, 0]);
});

test('fair tasks are listed by appearance', () => {
  expect(urgentFirst([nice5, idle, nice0, rr7, fifo9]).map(p => p.pid)).toEqual([5, 4, 1, 2, 3]);
});
