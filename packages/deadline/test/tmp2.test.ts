import type { Kernel, Policy, Scenario, Task } from '@proxysched/core';
import { fifo, nice } from '@proxysched/core/test-kit';
import { createSimulation } from '@proxysched/sim';
import { linux, generationOptions } from '@proxysched/preset-linux';
import * as fc from 'fast-check';
import { machines, tell } from '../../check/test/machines.js';
const MS = 1e6;
const policies = (dlToo: boolean, fairToo: boolean): fc.Arbitrary<Policy> => fc.oneof(
  fc.integer({ min: 1, max: 4 }).map(fifo),
  fc.integer({ min: 1, max: 4 }).map((prio): Policy => ({ kind: 'rr', prio })),
  ...(fairToo ? [fc.integer({ min: -3, max: 3 }).map(nice)] : []),
  ...(dlToo ? [fc.record({ q: fc.integer({ min: 1, max: 8 }), d: fc.integer({ min: 0, max: 8 }), p: fc.integer({ min: 0, max: 8 }) }).map(({ q, d, p }): Policy => ({ kind: 'deadline', runtime: q * MS, deadline: (q + d) * MS, period: (q + d + p) * MS }))] : []),
);
const runs = Number(process.env['RUNS'] ?? 1000);
const seed = Number(process.env['SEED'] ?? 1);
const strip = (s: Scenario): Scenario => ({ ...s, tasks: s.tasks.map(t => { const { cpus: _, ...u } = t; return { ...u, program: { ops: t.program.ops.map(o => (o.op === 'setAffinity' ? { op: 'run', ns: 1000 } as const : o)) } }; }) });
function settled(kernel: Kernel): string | null {
  const urgency = (p: Task): number[] => {
    const r = kernel.rank(p.sched.cls);
    const k = p.sched.policy.kind === 'deadline' ? (p.sched.entity as unknown as { deadline: number }).deadline : p.sched.policy.kind === 'fifo' || p.sched.policy.kind === 'rr' ? 99 - p.sched.policy.prio : 0;
    return [r, k];
  };
  const can = (p: Task): boolean => p.onRq === 'queued' && !p.isBlocked && !p.schedDelayed && (p.sched.policy.kind !== 'deadline' || (p.sched.entity as unknown as { inTree: boolean }).inTree);
  const cmp = (a: number[], b: number[]) => a[0]! - b[0]! || a[1]! - b[1]!;
  const all = kernel.tasks.filter(can).map(urgency).filter(u => u[0]! < 2).sort(cmp).slice(0, kernel.rqs.length);
  const run = kernel.rqs.filter(rq => rq.curr !== rq.idle).map(rq => urgency(rq.curr)).filter(u => u[0]! < 2).sort(cmp);
  return JSON.stringify(all) === JSON.stringify(run) ? null : `at ${kernel.queue.now}: should ${JSON.stringify(all)} run ${JSON.stringify(run)}`;
}
for (const [d, f] of [[false, true], [true, false], [true, true]] as const)
test(`settled dl ${d} fair ${f}`, () => {
  fc.assert(fc.property(machines({ locks: 'none', costs: false, policies: policies(d, f), unit: MS, hz: [null, 1000] }), s0 => {
    const s = { ...strip(s0), until: 5e9, options: { ...generationOptions('off'), 'deadline.admission': false, 'rt.rrTimeslice': 2 * MS } };
    try {
      createSimulation(s, linux('off'), []).run(k => { const w = settled(k); if (w !== null) throw new Error('SETTLED ' + w); });
    } catch (e) { throw new Error((e as Error).message + '\n' + tell(s), { cause: e }); }
  }), { numRuns: runs, seed });
});
