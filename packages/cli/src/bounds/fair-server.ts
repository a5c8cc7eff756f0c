import type { Facts } from './bounds-of.js';

/** Whether the server of the fair class may take CPU time from more urgent classes: it starts when a fair task becomes runnable. */
export function fairServerCompetes({ scenario, options }: Facts): boolean {
  if (Number(options['deadline.serverRuntime'] ?? 0) <= 0) return false;
  return scenario.tasks.some(t =>
    [t.policy, ...t.program.ops.flatMap(op => (op.op === 'setPolicy' ? [op.policy] : []))].some(p => FAIR.has(p.kind)),
  );
}

const FAIR: ReadonlySet<string> = new Set(['normal', 'batch', 'idle']);
