import type { Policy } from '@proxysched/core';
import { scenarioOf, run, setPolicy, fifo } from '@proxysched/core/test-kit';
import { RecordingSink } from '@proxysched/core/test-kit';
import { createSimulation } from '@proxysched/sim';
import { linux, generationOptions } from '@proxysched/preset-linux';
const MS = 1e6;
const dl = (runtime: number, period: number): Policy => ({ kind: 'deadline', runtime: runtime * MS, deadline: period * MS, period: period * MS });
test('1', () => {
  const sink = new RecordingSink();
  createSimulation({ ...scenarioOf({ cpus: 3, until: 1e9, machine: { hz: 1000 }, tasks: { a: { ops: [run(2 * MS)], policy: dl(1, 1), start: MS }, b: { ops: [setPolicy(dl(1, 1))], policy: dl(1, 1), start: 2 * MS, forked: true } } }), options: { ...generationOptions('off'), 'deadline.admission': false } }, linux('off'), [sink]).run();
  console.log(sink.lines.join('\n'));
  const sink2 = new RecordingSink();
  createSimulation({ ...scenarioOf({ cpus: 2, until: 1e9, tasks: { a: { ops: [run(1 * MS), setPolicy(dl(1, 1))], policy: dl(1, 2), start: 9 * MS }, b: { ops: [run(MS), run(1000)], policy: dl(1, 1), start: 10 * MS } } }), options: { ...generationOptions('off'), 'deadline.admission': false } }, linux('off'), [sink2]).run();
  console.log(sink2.lines.join('\n'));
});
