/**
 * Scheduling domains: levels, spans, groups and flags as Linux builds them for known machines, and what holds of any machine.
 */
import fc from 'fast-check';
import {
  CpuSet,
  SD_ASYM_CPUCAPACITY,
  SD_ASYM_CPUCAPACITY_FULL,
  SD_BALANCE_FORK,
  SD_NUMA,
  SD_PREFER_SIBLING,
  SD_SERIALIZE,
  SD_SHARE_CPUCAPACITY,
  SD_SHARE_LLC,
  SD_WAKE_AFFINE,
  Topology,
  nrCpusOf,
  presetTopology,
  regularTopology,
  sdHas,
  type CpuId,
  type RegularTopology,
  type SchedDomain,
  type SchedGroup,
} from '../src/index.js';

const build = (shape: RegularTopology): Topology => new Topology(regularTopology(shape));
const preset = (name: string): Topology => build(presetTopology(name)!);

function chain(t: Topology, cpu: number): SchedDomain[] {
  const list: SchedDomain[] = [];
  for (let sd = t.domains[cpu] ?? null; sd !== null; sd = sd.parent) list.push(sd);
  return list;
}

function ring(sd: SchedDomain): SchedGroup[] {
  const groups = [sd.groups];
  for (let sg = sd.groups.next; sg !== sd.groups; sg = sg.next) groups.push(sg);
  return groups;
}

const shown = (sd: SchedDomain): string =>
  `${sd.level} ${sd.weight} = ${ring(sd)
    .map(sg => sg.weight)
    .join('+')}`;

test('a flat machine is one domain over its cache', () => {
  const t = preset('smp-4');
  expect(chain(t, 2).map(shown)).toEqual(['MC 4 = 1+1+1+1']);
  const [mc] = chain(t, 2);
  expect(ring(mc!).map(sg => String(sg.span))).toEqual(['2', '3', '0', '1']);
  expect(mc).toMatchObject({ imbalancePct: 117, cacheNiceTries: 1, minInterval: 4, maxInterval: 8, busyFactor: 16 });
  expect(sdHas(mc!, SD_SHARE_LLC | SD_PREFER_SIBLING | SD_WAKE_AFFINE | SD_BALANCE_FORK)).toBe(true);
  expect(mc!.groups.flags).toBe(0); // the thread level below is gone
  expect(t.llc[2]).toBe(mc);
  expect(t.sharesCache(0 as CpuId, 3 as CpuId)).toBe(true);
});

test('one CPU is in no domain', () => {
  const t = preset('smp-1');
  expect(t.domains).toEqual([null]);
  expect(t.llcSize(0 as CpuId)).toBe(1);
});

test('a server of two sockets: threads, caches, nodes', () => {
  const t = preset('epyc-2x64-smt');
  expect(t.nrCpus).toBe(256);
  expect(chain(t, 130).map(shown)).toEqual([
    'SMT 2 = 1+1',
    'MC 16 = 2+2+2+2+2+2+2+2',
    'PKG 128 = 16+16+16+16+16+16+16+16',
    'NUMA 256 = 128+128',
  ]);
  const [smt, mc, pkg, numa] = chain(t, 130);
  expect(String(smt!.span)).toBe('2,130');
  expect(ring(smt!).map(sg => String(sg.span))).toEqual(['130', '2']);
  expect(ring(mc!).map(sg => sg.span.first())).toEqual([2, 3, 4, 5, 6, 7, 0, 1]);
  expect(smt).toMatchObject({ imbalancePct: 110, cacheNiceTries: 0 });
  expect(numa).toMatchObject({ imbalancePct: 117, cacheNiceTries: 2, minInterval: 256 });
  expect(sdHas(numa!, SD_SERIALIZE | SD_WAKE_AFFINE | SD_NUMA)).toBe(true); // within the reclaim distance of this make
  expect(sdHas(numa!, SD_PREFER_SIBLING)).toBe(false);
  expect(sdHas(pkg!, SD_PREFER_SIBLING)).toBe(true);
  // Eight caches in a node; the whole is twice the first NUMA level's half.
  expect([smt, mc, pkg, numa].map(sd => sd!.imbNumaNr)).toEqual([0, 0, 8, 8]);
  expect(mc!.groups).toMatchObject({ cores: 1, weight: 2, flags: smt!.flags });
  expect(pkg!.groups).toMatchObject({ cores: 8, weight: 16, sgc: { capacity: 16 * 1024 } });
  expect(t.sharesCache(0 as CpuId, 135 as CpuId)).toBe(true);
  expect(t.sharesCache(0 as CpuId, 8 as CpuId)).toBe(false);
  expect(mc!.shared).toBe(chain(t, 0)[1]!.shared);
  expect(t.smt).toBe(true);
});

test('a telephone: three sizes under one cache', () => {
  const t = preset('pixel-4+3+1');
  expect(chain(t, 0).map(shown)).toEqual(['MC 8 = 1+1+1+1+1+1+1+1']);
  expect(sdHas(t.domains[0]!, SD_ASYM_CPUCAPACITY | SD_ASYM_CPUCAPACITY_FULL)).toBe(true);
  expect(t.asymCapacity[7]).toBe(t.domains[7]);
  expect(t.domains[0]!.groups.sgc.capacity).toBe(307);
  expect(t.asymmetric).toBe(true);
});

test('sizes that differ from cache to cache take the preference away below', () => {
  const t = build({ cores: 8, llc: 4, capacities: [512, 512, 512, 512, 1024, 1024, 1024, 1024] });
  const [mc, pkg] = chain(t, 0);
  expect(sdHas(mc!, SD_ASYM_CPUCAPACITY)).toBe(false);
  expect(sdHas(mc!, SD_PREFER_SIBLING)).toBe(false);
  expect(sdHas(pkg!, SD_ASYM_CPUCAPACITY_FULL)).toBe(true);
  expect(t.asymCapacity[0]).toBe(pkg);
});

test('nodes too far apart place no new tasks across; nodes in several groups have rings of their own', () => {
  // Four nodes in a row: 0 - 1 - 2 - 3.
  const distances = [
    [10, 20, 31, 40],
    [20, 10, 20, 31],
    [31, 20, 10, 20],
    [40, 31, 20, 10],
  ];
  const t = build({ sockets: 4, cores: 2, distances });
  expect(chain(t, 0).map(shown)).toEqual(['MC 2 = 1+1', 'NUMA 4 = 2+2', 'NUMA 6 = 4+2', 'NUMA 8 = 6+6']);
  expect(chain(t, 2).map(shown)).toEqual(['MC 2 = 1+1', 'NUMA 6 = 2+2+2', 'NUMA 8 = 6+4']);
  // Node 2 sees node 3 sooner than node 0 does, so that from node 0 it stands alone.
  const [, near, far] = chain(t, 0);
  expect(sdHas(near!, SD_BALANCE_FORK | SD_WAKE_AFFINE)).toBe(true);
  expect(sdHas(far!, SD_BALANCE_FORK) || sdHas(far!, SD_WAKE_AFFINE)).toBe(false);
  // The group of nodes 0 and 1 is the local one of node 0 alone, and so only its CPUs balance for it.
  expect(String(far!.groups.span)).toBe('0,1,2,3');
  expect(String(far!.groups.balanceMask)).toBe('0,1');
});

test('without a cache to share there is none', () => {
  const t = build({ cores: 4, llc: 1 });
  expect(chain(t, 1).map(shown)).toEqual(['PKG 4 = 1+1+1+1']);
  expect(t.llc[1]).toBeNull();
  expect(t.sharesCache(0 as CpuId, 1 as CpuId)).toBe(false);
});

test('clusters are a level of their own', () => {
  expect(chain(build({ cores: 8, cluster: 4 }), 0).map(shown)).toEqual(['CLS 4 = 1+1+1+1', 'MC 8 = 4+4']);
});

const dividing = (n: number): fc.Arbitrary<number> =>
  fc.constantFrom(...Array.from({ length: n }, (_, i) => i + 1).filter(d => n % d === 0));
const shape: fc.Arbitrary<RegularTopology> = fc
  .record({ sockets: fc.integer({ min: 1, max: 3 }), cores: fc.constantFrom(1, 2, 4, 6), threads: fc.integer({ min: 1, max: 3 }) })
  .chain(s =>
    fc.record({
      ...record(s),
      llc: dividing(s.cores),
      capacities: fc.array(fc.constantFrom(256, 1024), { minLength: s.cores, maxLength: s.cores }),
    }),
  )
  .chain(s => fc.record({ ...record(s), cluster: dividing(s.llc) }));

function record<T extends object>(o: T): { [K in keyof T]: fc.Arbitrary<T[K]> } {
  return Object.fromEntries(Object.entries(o).map(([k, v]) => [k, fc.constant(v)])) as { [K in keyof T]: fc.Arbitrary<T[K]> };
}

test('of any machine: domains grow, groups cover them once, the first is the child', () => {
  fc.assert(
    fc.property(shape, s => {
      const t = build(s);
      expect(t.nrCpus).toBe(nrCpusOf(s));
      const ids = new Set<number>();
      for (let cpu = 0; cpu < t.nrCpus; cpu++) {
        let below: SchedDomain | null = null;
        for (const sd of chain(t, cpu)) {
          ids.add(sd.id);
          expect(sd.child).toBe(below);
          expect(sd.span.has(cpu as CpuId) && sd.weight === sd.span.size && sd.weight > 1).toBe(true);
          if (below !== null) expect(below.span.isSubsetOf(sd.span) && below.weight < sd.weight).toBe(true);
          const groups = ring(sd);
          expect(groups.length).toBeGreaterThan(1);
          expect(String(groups[0]!.span)).toBe(String(below?.span ?? cpu));
          expect(groups.reduce((n, sg) => n + sg.weight, 0)).toBe(sd.weight);
          const all = new CpuSet(t.nrCpus);
          for (const sg of groups) {
            all.addAll(sg.span);
            expect(sg.balanceMask.size > 0 && sg.balanceMask.isSubsetOf(sg.span)).toBe(true);
            expect(sg.sgc.capacity).toBe([...sg.span].reduce((sum, c) => sum + t.capacity[c]!, 0));
          }
          expect(all.equals(sd.span)).toBe(true);
          expect(sd.shared !== null).toBe(sdHas(sd, SD_SHARE_LLC));
          if (sdHas(sd, SD_SHARE_CPUCAPACITY)) expect(sd.span.equals(t.threads[cpu]!)).toBe(true);
          below = sd;
        }
        // Where more than one CPU is, the outermost domain is the machine.
        if (t.nrCpus > 1) expect(below?.weight).toBe(t.nrCpus);
      }
      expect(ids.size).toBe(t.domains.reduce((n, _, cpu) => n + chain(t, cpu).length, 0));
    }),
    { seed: 1, numRuns: 25 },
  );
});

test.each<[string, RegularTopology, string]>([
  ['nodes', { sockets: 2, cores: 4, distances: [[10]] }, '1 nodes do not divide among 2 sockets'],
  ['a cache', { cores: 4, llc: 3 }, 'caches for 3 cores each do not divide a node of 4'],
  ['a cluster', { cores: 4, llc: 4, cluster: 3 }, 'clusters of 3 cores do not divide a cache of 4'],
  ['capacities', { cores: 2, capacities: [1024] }, 'capacities are given for 1 cores, and a socket has 2'],
  [
    'distances',
    {
      sockets: 2,
      cores: 2,
      distances: [
        [10, 20],
        [21, 10],
      ],
    },
    'the same both ways',
  ],
])('%s that do not fit are refused', (_what, s, message) => {
  expect(() => regularTopology(s)).toThrow(message);
});

test('parts that do not nest are refused', () => {
  const flat = regularTopology({ cores: 4 });
  expect(() => new Topology({ ...flat, core: [0, 0, 1, 1], llc: [0, 1, 1, 1], node: [0, 0, 0, 0] })).toThrow(
    'core 0 lies in two parts, cache 0 and cache 1',
  );
  expect(() => new Topology({ ...flat, capacity: [1024, 0, 1024, 1024] })).toThrow('capacities are whole numbers from 1 to 1024');
  expect(() => Topology.of({ cpus: 2, topology: flat } as never)).toThrow('it is of 4 CPUs, and the machine has 2');
});

test('a machine of 1024 CPUs is built in no time to speak of, and shares what it can', () => {
  const t = build({ sockets: 8, cores: 64, threads: 2, llc: 8 });
  expect(chain(t, 1023).map(shown)).toEqual([
    'SMT 2 = 1+1',
    'MC 16 = 2+2+2+2+2+2+2+2',
    'PKG 128 = 16+16+16+16+16+16+16+16',
    `NUMA 1024 = ${Array(8).fill(128).join('+')}`,
  ]);
  expect(chain(t, 0)[1]!.groups).toBe(chain(t, 512)[1]!.groups);
});
