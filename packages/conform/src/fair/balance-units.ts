import { GROUP_TYPES, GroupStats, OVERLOADED, SrcGroup, SrcRq, balanceInterval, classifyGroup } from '@proxysched/balancer-load';
import { z } from 'zod';
import { num, objects, rows, type Unit } from './unit.js';

/** The decisions of load balancing, each by itself: `balance-*.json`. */

export const flag = z.number().transform(n => n !== 0);

export const group = z.looseObject({
  load: num,
  capacity: num,
  util: num,
  runnable: num,
  nr_running: num,
  h_nr_running: num,
  idle_cpus: num,
  weight: num,
  cores: num,
  smt: flag,
  asym_prefers_dst: flag,
  imbalance_flag: flag,
  misfit_load: num,
  prefer_sibling: flag,
  min_capacity: num,
  max_capacity: num,
});

/** What the file says of a group, not classified yet. Earlier groups have the higher priority. */
export function statsOf(g: z.infer<typeof group>, index: number): GroupStats {
  return Object.assign(new GroupStats(), {
    load: g.load,
    capacity: g.capacity,
    util: g.util,
    runnable: g.runnable,
    nrRunning: g.nr_running,
    hNrRunning: g.h_nr_running,
    idleCpus: g.idle_cpus,
    weight: g.weight,
    cores: g.cores,
    smt: g.smt,
    imbalance: g.imbalance_flag,
    preferSibling: g.prefer_sibling,
    minCapacity: g.min_capacity,
    maxCapacity: g.max_capacity,
    asymRank: index,
  });
}

const srcGroup = objects(
  'balance-src-group',
  {
    groups: z.array(group).min(1),
    local: z.number(),
    idle: flag,
    dst_cpu_capacity: num,
    sd: z.looseObject({ share_llc: flag, numa: flag, asym_cpucapacity: flag, imbalance_pct: num, imb_numa_nr: num }),
    types: z.array(z.string()),
    busiest: z.number(),
    migration_type: z.string().nullable(),
    imbalance: num,
  },
  (c, where, tally) => {
    const pct = c.sd.imbalance_pct;
    const pass = new SrcGroup();
    pass.begin(
      { imbalancePct: pct, shareLlc: c.sd.share_llc, numa: c.sd.numa, asymCpuCapacity: c.sd.asym_cpucapacity, imbNumaNr: c.sd.imb_numa_nr },
      c.idle,
      c.dst_cpu_capacity,
    );
    const groups = c.groups.map((g, i) => {
      const s = statsOf(g, i);
      if (i !== c.local) {
        s.asymPacking = c.idle && g.asym_prefers_dst && s.hNrRunning > 0;
        s.smtBalance = c.idle && s.smt && s.hNrRunning > 1;
        s.misfitLoad = g.misfit_load;
      }
      s.type = classifyGroup(s, pct);
      if (s.type === OVERLOADED) s.computeAvgLoad();
      pass.add(s, i === c.local);
      return s;
    });
    const busiest = pass.decide();
    const equal = (what: string, expected: unknown, found: unknown): boolean =>
      tally.equal('balance-src-group', `${where}: ${what}`, expected, found);
    groups.forEach((s, i) => equal(`types[${i}]`, c.types[i], GROUP_TYPES[s.type]));
    equal('busiest', c.busiest, busiest === null ? -1 : groups.indexOf(busiest));
    equal('migration_type', c.migration_type, pass.migrationType);
    equal('imbalance', c.imbalance, pass.imbalance);
  },
);

const srcRq = objects(
  'balance-src-rq',
  {
    migration_type: z.enum(['migrate_load', 'migrate_util', 'migrate_task', 'migrate_misfit']),
    imbalance: num,
    asym_cpucapacity: flag,
    imbalance_pct: num,
    dst_capacity: num,
    cpus: z.array(z.tuple([num, num, num, num, num])),
    busiest: z.number(),
  },
  (c, where, tally) => {
    const choice = new SrcRq();
    choice.begin({ imbalancePct: c.imbalance_pct, asymCpuCapacity: c.asym_cpucapacity }, c.migration_type, c.imbalance, c.dst_capacity);
    c.cpus.forEach(([hNrRunning, capacity, loadAvg, utilBoost, misfitLoad], cpu) =>
      choice.offer(cpu, { hNrRunning, capacity, originalCapacity: 1024, loadAvg, utilBoost, misfitLoad }),
    );
    tally.equal('balance-src-rq', where, c.busiest, choice.found);
  },
);

const interval = rows(
  'balance-interval',
  ['HZ', 'online CPUs', 'balance_interval ms', 'cpu busy', 'interval in jiffies'],
  [num, num, num, flag, num],
  ([hz, cpus, ms, busy, jiffies], where, tally) => {
    tally.equal('balance-interval', where, jiffies, balanceInterval(ms, busy, hz, cpus));
  },
);

export const BALANCE_UNITS: readonly Unit[] = [srcGroup, srcRq, interval];
