import { TaskGroup, type BandwidthLimit } from '@proxysched/core';
import type { Workload } from './sequence.js';

/** The groups of a workload, the root first, and where each is. */
export function groupsOf(w: Workload): { readonly groups: readonly TaskGroup[]; readonly byId: ReadonlyMap<string | null, TaskGroup> } {
  const root = new TaskGroup(0, '/', 1024, null);
  const byId = new Map<string | null, TaskGroup>([[null, root]]);
  for (const g of w.groups) byId.set(g.id, new TaskGroup(byId.size, g.id, g.shares, byId.get(g.parent)!, limitOf(g)));
  return { groups: [...byId.values()], byId };
}

/** What a group may use, or `null`: no limit. */
export function limitOf(g: Workload['groups'][number]): BandwidthLimit | null {
  const { quota_ns: quota, period_ns: period, burst_ns: burst } = g;
  return quota === null || quota === undefined ? null : { quota, period: period!, burst: burst! };
}
