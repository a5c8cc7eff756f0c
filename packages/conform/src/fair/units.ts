import { SchedAvg, decayLoad, updateAverages, updateSums, type Task } from '@proxysched/core';
import {
  FairEntity,
  FairQueue,
  calcDelta,
  calcDeltaFair,
  calcDeltaFixedPoint,
  inverse,
  makeRules,
  nextUtilEst,
  scaleDown,
  sharesByLoad,
  sliceFactor,
  taskWeight,
  wmult,
  type Rules,
} from '@proxysched/fair';
import { z } from 'zod';
import { num, objects, rows, text, type Unit } from './unit.js';

const niceOrIdle = z.union([z.number(), z.literal('idle')]);

const weightOf = (nice: number | 'idle'): number => taskWeight(nice === 'idle' ? { kind: 'idle', nice: 0 } : { kind: 'normal', nice });
const isSeven = (kernel: string): boolean => kernel.startsWith('7.');
const versionOf = (kernel: string): string => kernel.split('.').slice(0, 2).join('.');

const weights = rows('weights', ['nice', 'weight', 'wmult'], [z.number(), num, num], ([nice, weight, inv], where, tally) => {
  tally.equal('weights', `${where}: weight`, weight * 1024, weightOf(nice));
  tally.equal('weights', `${where}: reciprocal`, inv, wmult(weightOf(nice)));
});

const delta = rows(
  'calc-delta',
  ['nice, or', 'delta_ns', 'virtual_ns'],
  [niceOrIdle, num, num],
  ([nice, ns, virtual], where, tally, { kernel }) => {
    const calc = isSeven(kernel) ? calcDeltaFair : calcDeltaFixedPoint;
    tally.equal('calc-delta', where, virtual, calc(ns, weightOf(nice)));
  },
);

const groupDelta = rows(
  'calc-delta-group',
  ['load.weight', 'delta_ns', 'virtual_ns', 'reciprocal'],
  [num, num, num, num],
  (row, where, tally) => {
    const [weight, ns, virtual, reciprocal] = row;
    tally.equal('calc-delta-group', `${where}: reciprocal`, reciprocal, inverse(scaleDown(weight)));
    tally.equal('calc-delta-group', `${where}: virtual`, virtual, calcDelta(ns, 1 << 20, weight));
  },
);

const genericDelta = rows(
  'calc-delta-generic',
  ['delta_ns', 'weight', 'total weight', 'delta*weight'],
  [num, num, num, num],
  (row, where, tally) => {
    const [ns, weight, total, share] = row;
    tally.equal('calc-delta-generic', where, share, calcDelta(ns, weight, total));
  },
);

const scaling = rows(
  'slice-scaling',
  ['tunable_scaling', 'online CPUs', 'factor', 'base slice'],
  [z.string(), num, num, num],
  (row, where, tally) => {
    const [mode, cpus, factor, slice] = row;
    const dials = { 'fair.version': '6.12', 'fair.tunableScaling': mode };
    tally.equal('slice-scaling', `${where}: factor`, factor, sliceFactor(mode, cpus));
    tally.equal('slice-scaling', `${where}: base slice`, slice, makeRules(dials, { cpus, hz: 1000 }).baseSlice);
  },
);

const decay = rows('pelt-decay', ['value', 'periods'], [text, num, text], ([value, periods, left], where, tally) => {
  tally.equal('pelt-decay', where, left, String(decayLoad(Number(value), periods)));
});

const utilEst = rows(
  'util-est',
  ['first of a chain', 'util_est before'],
  [num, num, num, num, num, num],
  (row, where, tally, { cpu_capacity = 1024 }) => {
    const [first, before, util, runnable, changed, after] = row;
    const skipped = changed === 0 && first === 0;
    tally.equal('util-est', where, after, skipped ? before : (nextUtilEst(before, util, runnable, cpu_capacity) ?? before));
  },
);

const signal: Unit = (() => {
  const file = z.looseObject({
    columns_of_steps: z.array(z.string()),
    cases: z.array(z.looseObject({ name: z.string(), avg_weight: num, t0: num, steps: z.array(z.array(num).length(13)) })),
  });
  return {
    name: 'pelt-signal',
    file,
    judge: (given, tally) => {
      const { cases, columns_of_steps: columns } = file.parse(given);
      for (const { name, avg_weight, t0, steps } of cases) {
        const avg = new SchedAvg(t0);
        let now = t0;
        steps.forEach(([ns, load, runnable, running, ...expected], step) => {
          now += ns!;
          const crossed = updateSums(avg, now, load!, runnable!, running === 1);
          if (crossed) updateAverages(avg, avg_weight);
          const { lastUpdate, periodContrib, loadSum, runnableSum, utilSum, loadAvg, runnableAvg, utilAvg } = avg;
          const found = [Number(crossed), lastUpdate, periodContrib, loadSum, runnableSum, utilSum, loadAvg, runnableAvg, utilAvg];
          found.forEach((value, i) => tally.equal('pelt-signal', `${name}, step ${step}, ${columns[i + 4] ?? i}`, expected[i], value));
        });
      }
    },
  };
})();

// --- queues: virtual times of 64 bits, taken relative to one of them ------------------------------------------------------------

const relative = (value: string, base: string): number => Number(BigInt.asIntN(64, BigInt(value) - BigInt(base)));
const absolute = (value: number, base: string): string => String(BigInt.asIntN(64, BigInt(value) + BigInt(base)));
/** The signed reading of a wrapping value. */
const signed = (value: string): string => String(BigInt.asIntN(64, BigInt(value)));

function entity(q: FairQueue, weight: number, vruntime: number, due: number, slice: number): FairEntity {
  const e = new FairEntity({} as Task, slice);
  q.setWeight(e, weight);
  e.vruntime = vruntime;
  e.deadline = due;
  return e;
}

function emptyQueue(rules: Rules): FairQueue {
  const q = new FairQueue(rules);
  q.v0 = 0;
  return q;
}

const statics = objects(
  'eevdf-static',
  {
    tick_ns: num,
    run_to_parity: z.number(),
    ents: z.array(z.tuple([z.number(), text, text, num])).min(1),
    curr: z.number(),
    curr_protected: z.number(),
    V: text,
    W: z.number(),
    eligible: z.array(z.number()),
    lag: z.array(text),
    min_slice: num,
    max_slice: num.optional(),
    pick: z.number(),
    pick_unprotected: z.number().optional(),
  },
  (c, where, tally, kernel) => {
    const version = versionOf(kernel);
    const rules = makeRules(
      { 'fair.version': version, 'fair.runToParity': c.run_to_parity === 1 },
      { cpus: 1, hz: Math.round(1e9 / c.tick_ns) },
    );
    const q = emptyQueue(rules);
    const base = c.ents[0]![1];
    const ents = c.ents.map(([nice, v, d, slice]) => entity(q, weightOf(nice), relative(v, base), relative(d, base), slice));
    const curr = ents[c.curr];
    if (curr !== undefined) {
      q.curr = curr;
      curr.vprot = c.curr_protected === 1 ? curr.deadline : curr.vruntime;
      if (c.curr_protected === 0) rules.version.cancelProtection(curr);
    }
    for (const e of ents) q.add(e);
    const v = q.virtualTime();
    const equal = (what: string, expected: unknown, found: unknown): boolean =>
      tally.equal('eevdf-static', `${where}: ${what}`, expected, found);
    equal('V', signed(c.V), absolute(v, base));
    equal('W', c.W, q.totalWeight());
    ents.forEach((e, i) => {
      equal(`eligible[${i}]`, c.eligible[i], Number(q.isEligible(e)));
      equal(`lag[${i}]`, c.lag[i], String(q.lag(e, v)));
    });
    equal('pick', c.pick, ents.indexOf(q.pick(true)!));
    equal('min_slice', c.min_slice, q.minSlice());
    if (c.max_slice !== undefined) equal('max_slice', c.max_slice, q.maxSlice());
    if (c.pick_unprotected !== undefined) equal('pick_unprotected', c.pick_unprotected, ents.indexOf(q.pick(false)!));
  },
);

const place = objects(
  'place',
  {
    features: z.looseObject({ PLACE_LAG: z.number(), PLACE_DEADLINE_INITIAL: z.number(), PLACE_REL_DEADLINE: z.number() }),
    base_slice_ns: num,
    ents: z.array(z.tuple([z.number(), text])),
    curr: z.number(),
    empty_V: text,
    new: z.looseObject({ nice: z.number(), slice_ns: num.nullable(), vlag: num, rel_deadline: num.nullable(), initial: z.number() }),
    V_before: text,
    vruntime: text,
    deadline: text,
    rel_deadline_left: z.number(),
  },
  (c, where, tally, kernel) => {
    const rules = makeRules(
      {
        'fair.version': versionOf(kernel),
        'fair.slice': c.base_slice_ns,
        'fair.placeLag': c.features.PLACE_LAG === 1,
        'fair.placeDeadlineInitial': c.features.PLACE_DEADLINE_INITIAL === 1,
        'fair.placeRelDeadline': c.features.PLACE_REL_DEADLINE === 1,
      },
      { cpus: 1, hz: 1000 },
    );
    const q = emptyQueue(rules);
    const base = c.empty_V;
    const ents = c.ents.map(([nice, v]) => entity(q, weightOf(nice), relative(v, base), relative(v, base), rules.baseSlice));
    q.curr = ents[c.curr] ?? null;
    for (const e of ents) q.add(e);
    const equal = (what: string, expected: unknown, found: unknown): boolean => tally.equal('place', `${where}: ${what}`, expected, found);
    equal('V_before', signed(c.V_before), absolute(q.virtualTime(), base));
    const e = entity(q, weightOf(c.new.nice), 0, c.new.rel_deadline ?? 0, c.new.slice_ns ?? 0);
    e.customSlice = c.new.slice_ns !== null;
    e.relDeadline = c.new.rel_deadline !== null;
    e.vlag = c.new.vlag;
    q.place(e, c.new.initial === 1);
    equal('vruntime', signed(c.vruntime), absolute(e.vruntime, base));
    equal('deadline', signed(c.deadline), absolute(e.deadline, base));
    equal('rel_deadline_left', c.rel_deadline_left, Number(e.relDeadline));
  },
);

const reweight = rows(
  'reweight',
  ['tick_ns', 'slice_ns', 'old weight', 'new weight', 'V', 'vruntime before'],
  [num, num, num, num, text, text, text, text, text],
  ([tick, slice, before, after, base, v, d, vAfter, dAfter], where, tally, { kernel }) => {
    const rules = makeRules({ 'fair.version': versionOf(kernel) }, { cpus: 1, hz: Math.round(1e9 / tick) });
    const q = emptyQueue(rules);
    const e = entity(q, before, relative(v, base), relative(d, base), slice);
    // A weight of 1 that far on the other side makes V exactly what it is to be.
    const counterweight = entity(q, 1024, -e.vruntime * e.sumWeight, 0, slice);
    counterweight.sumWeight = 1;
    q.add(e);
    q.add(counterweight);
    q.reweight(e, after);
    tally.equal('reweight', `${where}: vruntime`, vAfter, absolute(e.vruntime, base));
    tally.equal('reweight', `${where}: deadline`, dAfter, absolute(e.deadline, base));
  },
);

const shares = rows(
  'group-shares',
  ['tg.shares', 'queue load.weight', 'queue load_avg', 'tg.load_avg', 'queue contribution'],
  [num, num, num, num, num, num],
  ([ofGroup, queued, loadAvg, tgLoadAvg, contrib, weight], where, tally) => {
    tally.equal('group-shares', where, weight, sharesByLoad(ofGroup, ofGroup, queued, loadAvg, tgLoadAvg, contrib));
  },
);

export const UNITS: readonly Unit[] = [
  weights,
  delta,
  groupDelta,
  genericDelta,
  scaling,
  decay,
  utilEst,
  signal,
  statics,
  place,
  reweight,
  shares,
];
