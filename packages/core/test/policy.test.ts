/** Names and numbers of policies, as traces and people have them. */
import { DEFAULT_POLICY, kernelPrio, policyName, type Policy } from '../src/index.js';

test.each<[Policy, string, number]>([
  [DEFAULT_POLICY, 'nice 0', 120],
  [{ kind: 'normal', nice: -20 }, 'nice -20', 100],
  [{ kind: 'batch', nice: 19 }, 'batch 19', 139],
  [{ kind: 'idle', nice: 0 }, 'idle', 120],
  [{ kind: 'fifo', prio: 99 }, 'FIFO 99', 0],
  [{ kind: 'rr', prio: 1 }, 'RR 1', 98],
  [{ kind: 'deadline', runtime: 3_000_000, deadline: 10_000_000, period: 10_000_000 }, 'DL 3/10 ms', -1],
  [{ kind: 'deadline', runtime: 1_500_000, deadline: 4_000_000, period: 10_000_000 }, 'DL 1.5/4/10 ms', -1],
  [{ kind: 'custom', class: 'lottery', params: {} }, 'lottery', 120],
])('%j is "%s", %i', (policy, name, prio) => {
  expect(policyName(policy)).toBe(name);
  expect(kernelPrio(policy)).toBe(prio);
});
