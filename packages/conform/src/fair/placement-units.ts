import {
  FULLY_BUSY,
  GROUP_TYPES,
  OVERLOADED,
  classifyGroup,
  isIdler,
  leavesLocal,
  nrIdleScan,
  wakeAffineIdle,
  wakeAffineWeight,
  wakeWide,
  type GroupStats,
} from '@proxysched/balancer-load';
import { z } from 'zod';
import { flag, group, statsOf } from './balance-units.js';
import { num, objects, rows, type Unit } from './unit.js';

/** The decisions about where a task wakes or starts, each by itself: the rest of `balance-*.json`. */

const dstGroup = objects(
  'balance-dst-group',
  {
    groups: z.array(group).min(1),
    local: z.number(),
    sd: z.looseObject({ numa: flag, imbalance_pct: num, imb_numa_nr: num }),
    types: z.array(z.string()),
    idlest: z.number(),
  },
  (c, where, tally) => {
    const pct = c.sd.imbalance_pct;
    const groups = c.groups.map((g, i) => {
      const s = statsOf(g, i);
      s.misfitLoad = g.misfit_load;
      s.type = classifyGroup(s, pct);
      if (s.type === FULLY_BUSY || s.type === OVERLOADED) s.computeAvgLoad();
      return s;
    });
    const local = groups[c.local]!;
    let idlest: GroupStats | null = null;
    for (const s of groups) if (s !== local && isIdler(idlest, s)) idlest = s;
    const leaves = idlest !== null && leavesLocal(local, idlest, { numa: c.sd.numa, imbalancePct: pct, imbNumaNr: c.sd.imb_numa_nr });
    groups.forEach((s, i) => tally.equal('balance-dst-group', `${where}: types[${i}]`, c.types[i], GROUP_TYPES[s.type]));
    tally.equal('balance-dst-group', `${where}: idlest`, c.idlest, leaves ? groups.indexOf(idlest!) : -1);
  },
);

const cpu = z.looseObject({ load: num, capacity: num, idle: flag });
const said = z.enum(['this', 'prev']).nullable();

const wakeAffine = objects(
  'balance-wake-affine',
  {
    sync: flag,
    imbalance_pct: num,
    this: cpu.extend({ nr_running: num }),
    prev: cpu,
    same_llc: flag,
    current_h_load: num,
    task_h_load: num,
    by_idle: said,
    by_weight: said,
  },
  (c, where, tally) => {
    const byIdle = wakeAffineIdle(c.this, c.prev, c.same_llc, c.sync, c.this.nr_running);
    const byWeight = wakeAffineWeight(c.this, c.prev, c.sync, c.current_h_load, c.task_h_load, c.imbalance_pct);
    tally.equal('balance-wake-affine', `${where}: by_idle`, c.by_idle, byIdle);
    tally.equal('balance-wake-affine', `${where}: by_weight`, c.by_weight, byWeight);
  },
);

const wide = rows(
  'balance-wake-wide',
  ['llc_size', 'waker flips', 'wakee flips', 'wide'],
  [num, num, num, flag],
  ([llcSize, waker, wakee, isWide], where, tally) => {
    tally.equal('balance-wake-wide', where, isWide, wakeWide(llcSize, waker, wakee));
  },
);

const idleScan = rows(
  'balance-idle-scan',
  ['llc CPUs', 'sum_util', 'imbalance_pct', 'nr_idle_scan'],
  [num, num, num, num],
  ([cpus, util, pct, nr], where, tally) => {
    tally.equal('balance-idle-scan', where, nr, nrIdleScan(cpus, util, pct));
  },
);

export const PLACEMENT_UNITS: readonly Unit[] = [dstGroup, wakeAffine, wide, idleScan];
