import { type Task } from '@proxysched/core';
import fc from 'fast-check';
import { FairEntity } from '../src/fair-entity.js';
import { FairQueue } from '../src/fair-queue.js';
import { makeRules, type Rules } from '../src/rules.js';
import { taskWeight } from '../src/weights.js';
import { golden } from './fake-kernel.js';

const VERSIONS = ['7.3', '7.2', '6.12'] as const;

/** Recorded virtual times may wrap: as 64-bit numbers relative to one of them they are small. */
const relative = (value: string, base: string): number => Number(BigInt.asIntN(64, BigInt(value) - BigInt(base)));
const absolute = (value: number, base: string): string => String(BigInt.asIntN(64, BigInt(value) + BigInt(base)));

function entity(q: FairQueue, nice: number, vruntime: number, deadline: number, slice: number): FairEntity {
  const e = new FairEntity({} as Task, slice);
  q.setWeight(e, taskWeight({ kind: 'normal', nice }));
  e.vruntime = vruntime;
  e.deadline = deadline;
  return e;
}

function makeCurr(q: FairQueue, e: FairEntity, guarded: boolean): void {
  q.curr = e;
  e.vprot = guarded ? e.deadline : e.vruntime;
  if (!guarded) q.rules.version.cancelProtection(e);
}

interface StaticCase {
  readonly tick_ns: string;
  readonly run_to_parity: number;
  readonly ents: readonly [number, string, string, string][];
  readonly curr: number;
  readonly curr_protected: number;
  readonly V: string;
  readonly W: number;
  readonly eligible: readonly number[];
  readonly lag: readonly string[];
  readonly min_slice: string;
  readonly max_slice?: string;
  readonly pick: number;
  readonly pick_unprotected?: number;
}

test.each(VERSIONS)('unit-eevdf-static-%s: V, eligibility, lag, slices and pick of every queue', version => {
  for (const c of golden<{ cases: StaticCase[] }>(`unit-eevdf-static-${version}`).cases) {
    const hz = 1e9 / Number(c.tick_ns);
    const rules = makeRules({ 'fair.version': version, 'fair.runToParity': c.run_to_parity === 1 }, { cpus: 1, hz: Math.round(hz) });
    const q = new FairQueue(rules);
    q.v0 = 0;
    const base = c.ents[0]![1];
    const ents = c.ents.map(([nice, v, d, slice]) => entity(q, nice, relative(v, base), relative(d, base), Number(slice)));
    if (c.curr >= 0) makeCurr(q, ents[c.curr]!, c.curr_protected === 1);
    for (const e of ents) q.add(e);

    const v = q.virtualTime();
    expect(absolute(v, base)).toBe(c.V);
    expect(q.totalWeight()).toBe(c.W);
    expect(ents.map(e => Number(q.isEligible(e)))).toEqual(c.eligible);
    expect(ents.map(e => String(q.lag(e, v)))).toEqual(c.lag);
    expect(String(q.minSlice())).toBe(c.min_slice);
    expect(ents.indexOf(q.pick(true)!)).toBe(c.pick);
    if (c.max_slice !== undefined) expect(String(q.maxSlice())).toBe(c.max_slice);
    if (c.pick_unprotected !== undefined) expect(ents.indexOf(q.pick(false)!)).toBe(c.pick_unprotected);
  }
});

interface PlaceCase {
  readonly features: { readonly PLACE_LAG: number; readonly PLACE_DEADLINE_INITIAL: number; readonly PLACE_REL_DEADLINE: number };
  readonly base_slice_ns: string;
  readonly ents: readonly [number, string][];
  readonly curr: number;
  readonly empty_V: string;
  readonly new: {
    readonly nice: number;
    readonly slice_ns: string | null;
    readonly vlag: string;
    readonly rel_deadline: string | null;
    readonly initial: number;
  };
  readonly V_before: string;
  readonly vruntime: string;
  readonly deadline: string;
  readonly rel_deadline_left: number;
}

test.each(VERSIONS)('unit-place-%s: vruntime and deadline of every newcomer', version => {
  for (const c of golden<{ cases: PlaceCase[] }>(`unit-place-${version}`).cases) {
    const rules = makeRules(
      {
        'fair.version': version,
        'fair.slice': Number(c.base_slice_ns),
        'fair.placeLag': c.features.PLACE_LAG === 1,
        'fair.placeDeadlineInitial': c.features.PLACE_DEADLINE_INITIAL === 1,
        'fair.placeRelDeadline': c.features.PLACE_REL_DEADLINE === 1,
      },
      { cpus: 1, hz: 1000 },
    );
    const q = new FairQueue(rules);
    q.v0 = 0;
    const base = c.empty_V;
    const ents = c.ents.map(([nice, v]) => entity(q, nice, relative(v, base), relative(v, base), rules.baseSlice));
    if (c.curr >= 0) q.curr = ents[c.curr]!;
    for (const e of ents) q.add(e);
    expect(absolute(q.virtualTime(), base)).toBe(c.V_before);

    const e = entity(q, c.new.nice, 0, Number(c.new.rel_deadline ?? 0), Number(c.new.slice_ns ?? 0));
    e.customSlice = c.new.slice_ns !== null;
    e.relDeadline = c.new.rel_deadline !== null;
    e.vlag = Number(c.new.vlag);
    q.place(e, c.new.initial === 1);
    // Where relative deadlines are off the flag, and the value under it, stay as they were set.
    expect([absolute(e.vruntime, base), absolute(e.deadline, base), Number(e.relDeadline)]).toEqual([
      c.vruntime,
      c.deadline,
      c.rel_deadline_left,
    ]);
  }
});

const arbitraryQueue = fc.record({
  version: fc.constantFrom(...VERSIONS),
  ents: fc.array(
    fc.record({
      nice: fc.integer({ min: -20, max: 19 }),
      v: fc.integer({ min: -5_000_000, max: 5_000_000 }),
      request: fc.integer({ min: 0, max: 4 }),
      slice: fc.integer({ min: 100_000, max: 100_000_000 }),
      leaves: fc.boolean(),
    }),
    { minLength: 1, maxLength: 40 },
  ),
  curr: fc.boolean(),
});

const rulesOf = (version: string): Rules => makeRules({ 'fair.version': version }, { cpus: 1, hz: 1000 });

/** The definition of the pick, without a tree: among the eligible the earliest deadline, then the first inserted. */
function scan(q: FairQueue, inserted: readonly FairEntity[]): FairEntity | null {
  const v = q.virtualTime();
  let best: FairEntity | null = null;
  for (const e of inserted) if (e !== q.curr && e.vruntime <= v && (best === null || e.deadline < best.deadline)) best = e;
  const { curr } = q;
  const runs = curr !== null && curr.vruntime <= v && (best === null || curr.deadline < best.deadline);
  return runs ? curr : best;
}

test('the descent finds what a scan finds, and looking changes nothing', () => {
  fc.assert(
    fc.property(arbitraryQueue, ({ version, ents, curr }) => {
      const q = new FairQueue(rulesOf(version));
      const made = ents.map(({ nice, v, request, slice }) => entity(q, nice, v, v + request * 1_000_000, slice));
      if (curr) q.curr = made[0]!;
      for (const e of made) q.add(e);
      let left = made;
      for (const [i, { leaves }] of ents.entries()) {
        if (left.length > 1) expect(q.pick(false)).toBe(scan(q, left));
        if (!leaves) continue;
        q.remove(made[i]!);
        if (made[i] === q.curr) q.curr = null;
        left = left.filter(e => e !== made[i]);
      }
      const before = JSON.stringify([q.v0, q.totalWeight(), q.virtualTime(), [...q.tree].map(e => [e.vruntime, e.deadline])]);
      expect(q.pick(true)).toBe(q.pick(true));
      expect(JSON.stringify([q.v0, q.totalWeight(), q.virtualTime(), [...q.tree].map(e => [e.vruntime, e.deadline])])).toBe(before);
      expect(q.sumsHold()).toBe(true);
    }),
  );
});

test('V does not depend on the origin of the sums, and is the floored mean', () => {
  fc.assert(
    fc.property(arbitraryQueue, ({ ents }) => {
      const q = new FairQueue(rulesOf('7.3'));
      for (const { nice, v, slice } of ents) q.add(entity(q, nice, v, v, slice));
      const v = q.virtualTime();
      expect(q.moveOrigin()).toBe(v);
      expect(q.virtualTime()).toBe(v);
      expect(q.sumsHold()).toBe(true);
      const owed = [...q.tree].reduce((sum, e) => sum + BigInt(e.weight) * BigInt(v - e.vruntime), 0n);
      expect(owed <= 0n && owed > -BigInt(q.totalWeight())).toBe(true);
    }),
  );
});

test('subtrees know their least vruntime and their extreme slices', () => {
  fc.assert(
    fc.property(arbitraryQueue, ({ ents }) => {
      const q = new FairQueue(rulesOf('7.3'));
      for (const { nice, v, slice, request } of ents) q.add(entity(q, nice, v, v + request, slice));
      const slices = ents.map(e => e.slice);
      expect([q.minSlice(), q.maxSlice()]).toEqual([Math.min(...slices), Math.max(...slices)]);
      expect(q.tree.root!.minVruntime).toBe(Math.min(...ents.map(e => e.v)));
    }),
  );
});

test('a lag survives joining: placed with it, an entity has it, up to rounding', () => {
  fc.assert(
    fc.property(arbitraryQueue, fc.integer({ min: -3_000_000, max: 3_000_000 }), ({ version, ents }, vlag) => {
      const q = new FairQueue(rulesOf(version));
      for (const { nice, v, slice } of ents) q.add(entity(q, nice, v, v, slice));
      const e = entity(q, 0, 0, 0, 700_000);
      e.vlag = vlag;
      q.place(e, false);
      q.add(e);
      expect(Math.abs(q.virtualTime() - e.vruntime - vlag)).toBeLessThanOrEqual(2);
    }),
  );
});

test('seconds alone without a tick: V is exact all the same', () => {
  const q = new FairQueue(rulesOf('7.3'));
  const hog = entity(q, -20, 0, 0, 700_000);
  const other = entity(q, 0, 0, 0, 700_000);
  q.curr = hog;
  q.add(hog);
  hog.vruntime = 4e12;
  q.add(other);
  const [w, u] = [BigInt(hog.weight), BigInt(other.weight)];
  const v = Number((w * BigInt(hog.vruntime)) / (w + u));
  expect([q.virtualTime(), q.moveOrigin(), q.virtualTime(), q.sumsHold()]).toEqual([v, v, v, true]);
});

test('a heavy entity joins a light one and leaves it again: the sums stay exact', () => {
  const q = new FairQueue(rulesOf('7.3'));
  const light = new FairEntity({} as Task, 700_000);
  q.setWeight(light, taskWeight({ kind: 'idle', nice: 0 }));
  q.add(light);
  const heavy = entity(q, -20, 0, 0, 700_000);
  heavy.vlag = 1_000_000;
  q.place(heavy, false);
  q.add(heavy);
  expect(q.sumsHold()).toBe(true);
  expect(q.virtualTime() - heavy.vruntime).toBe(1_000_000);
  q.remove(heavy);
  expect([q.sumsHold(), q.virtualTime()]).toEqual([true, 0]);
});
