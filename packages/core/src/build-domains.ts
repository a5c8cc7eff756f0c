import { CpuSet } from './cpu-set.js';
import {
  SD_ASYM_CPUCAPACITY,
  SD_ASYM_CPUCAPACITY_FULL,
  SD_BALANCE_EXEC,
  SD_BALANCE_FORK,
  SD_BALANCE_NEWIDLE,
  SD_CLUSTER,
  SD_NUMA,
  SD_PREFER_SIBLING,
  SD_SERIALIZE,
  SD_SHARE_CPUCAPACITY,
  SD_SHARE_LLC,
  SD_WAKE_AFFINE,
  sdHas,
  type DomainLevel,
  type GroupCapacity,
  type SchedDomain,
  type SchedGroup,
  type SharedDomain,
} from './sched-domain.js';
import type { TopologySpec } from './topology-spec.js';
import type { CpuId } from './types.js';

/**
 * The domains of every CPU, lowest first, as `build_sched_domains` makes them and `cpu_attach_domain` thins them out
 * (`pelt-and-balance.md` 5).
 */
export function buildDomains(spec: TopologySpec): (SchedDomain | null)[] {
  return new DomainBuilder(spec).build();
}

/** `SD_DEGENERATE_GROUPS_MASK`: flags that mean nothing with a single group. All but WAKE_AFFINE. */
const NEEDS_GROUPS = ~SD_WAKE_AFFINE;
const RECLAIM_DISTANCE = 30;

interface Level {
  readonly level: DomainLevel;
  readonly flags: number;
  /** NUMA: how far it reaches. */
  readonly distance: number;
  /** By CPU; equal spans are one object. */
  readonly spans: readonly CpuSet[];
  /** By CPU, once made. */
  readonly domains: (SchedDomain | undefined)[];
  readonly shared: Map<CpuSet, SharedDomain>;
  /** NUMA: by the first CPU that may balance for the group. */
  readonly ofNodes: Map<number, GroupOfNodes>;
}

/** What the groups of one set of nodes have in common, of whichever CPU's ring they are. */
interface GroupOfNodes {
  readonly balanceMask: CpuSet;
  readonly sgc: GroupCapacity;
}

class DomainBuilder {
  private readonly nrCpus: number;
  /** Different capacities in the machine, and by span. */
  private readonly sizes: number;
  private readonly sizesIn = new Map<CpuSet, number>();
  private readonly coresIn = new Map<CpuSet, number>();
  /** By id of the domain. */
  private readonly levelOf: Level[] = [];
  private nextGroup = 0;

  constructor(private readonly spec: TopologySpec) {
    this.nrCpus = spec.core.length;
    this.sizes = new Set(spec.capacity).size;
  }

  build(): (SchedDomain | null)[] {
    const levels = this.levels();
    const lowest = Array.from({ length: this.nrCpus }, (_, cpu) => this.chain(levels, cpu as CpuId));
    for (const level of levels) this.addGroups(level);
    for (const sd of lowest) allowNumaImbalance(sd);
    return lowest.map(thinOut);
  }

  private levels(): Level[] {
    const { core, cluster, llc, node, distance } = this.spec;
    const levels = [level('SMT', SD_SHARE_CPUCAPACITY | SD_SHARE_LLC, CpuSet.sharing(core))];
    if (cluster !== undefined) levels.push(level('CLS', SD_CLUSTER | SD_SHARE_LLC, CpuSet.sharing(cluster)));
    levels.push(level('MC', SD_SHARE_LLC, CpuSet.sharing(llc)), level('PKG', 0, CpuSet.sharing(node)));
    const reaches = [...new Set(distance.flat())].sort((a, b) => a - b).slice(1);
    for (const reach of reaches) {
      const within = distance.map(row =>
        CpuSet.of(
          this.nrCpus,
          node.flatMap((n, cpu) => (row[n]! <= reach ? [cpu] : [])),
        ),
      );
      levels.push(
        level(
          'NUMA',
          SD_NUMA,
          node.map(n => within[n]!),
          reach,
        ),
      );
    }
    return levels;
  }

  /** One domain for each level, up to that which spans the machine. */
  private chain(levels: readonly Level[], cpu: CpuId): SchedDomain {
    let sd: SchedDomain | null = null;
    for (const l of levels) {
      sd = this.domain(l, cpu, sd);
      l.domains[cpu] = sd;
      if (sd.weight === this.nrCpus) break;
    }
    while (sd!.child !== null) sd = sd!.child;
    return sd!;
  }

  /** `sd_init`. */
  private domain(l: Level, cpu: CpuId, child: SchedDomain | null): SchedDomain {
    const span = l.spans[cpu]!;
    const asym = this.asymmetry(span);
    if (asym !== 0 && child !== null) child.flags &= ~SD_PREFER_SIBLING;
    let flags = SD_BALANCE_NEWIDLE | SD_BALANCE_EXEC | SD_BALANCE_FORK | SD_WAKE_AFFINE | SD_PREFER_SIBLING | l.flags | asym;
    if ((flags & SD_NUMA) !== 0) {
      flags = (flags & ~SD_PREFER_SIBLING) | SD_SERIALIZE;
      if (l.distance > (this.spec.reclaimDistance ?? RECLAIM_DISTANCE)) flags &= ~(SD_BALANCE_EXEC | SD_BALANCE_FORK | SD_WAKE_AFFINE);
    }
    const sd: SchedDomain = {
      id: this.levelOf.push(l) - 1,
      cpu,
      level: l.level,
      span,
      weight: span.size,
      parent: null,
      child,
      groups: NO_GROUP,
      flags,
      imbalancePct: l.level === 'SMT' ? 110 : 117,
      cacheNiceTries: l.level === 'SMT' ? 0 : l.level === 'NUMA' ? 2 : 1,
      minInterval: span.size,
      maxInterval: 2 * span.size,
      busyFactor: 16,
      imbNumaNr: 0,
      shared: (flags & SD_SHARE_LLC) === 0 ? null : sharedOf(l, span),
    };
    if (child !== null) child.parent = sd;
    return sd;
  }

  /** `asym_cpu_capacity_classify`. */
  private asymmetry(span: CpuSet): number {
    const inside = this.capacities(span);
    if (inside < 2) return 0;
    return inside < this.sizes ? SD_ASYM_CPUCAPACITY : SD_ASYM_CPUCAPACITY | SD_ASYM_CPUCAPACITY_FULL;
  }

  private capacities(span: CpuSet): number {
    let n = this.sizesIn.get(span);
    if (n === undefined) this.sizesIn.set(span, (n = new Set([...span].map(cpu => this.spec.capacity[cpu]!)).size));
    return n;
  }

  private addGroups(l: Level): void {
    if (l.level === 'NUMA') {
      for (const sd of l.domains) if (sd !== undefined) this.ownRing(l, sd);
      return;
    }
    const seen = new Set<CpuSet>();
    for (const sd of l.domains) {
      if (sd === undefined || seen.has(sd.span)) continue;
      seen.add(sd.span);
      this.sharedRing(l, sd.span);
    }
  }

  /**
   * `build_sched_groups`: all CPUs of the domain see one ring. Each CPU of the kernel links it anew from where it stands; the last one's
   * order stays.
   */
  private sharedRing(l: Level, span: CpuSet): void {
    const ring: SchedGroup[] = [];
    const covered = new CpuSet(this.nrCpus);
    for (const cpu of wrapping(span, [...span].at(-1)!)) {
      if (covered.has(cpu)) continue;
      const { child } = l.domains[cpu]!;
      const members = child?.span ?? CpuSet.of(this.nrCpus, [cpu]);
      covered.addAll(members);
      const group = this.group(members, child?.flags ?? 0, members, this.capacityOf(members));
      for (const member of members) l.domains[member]!.groups = group;
      ring.push(group);
    }
    link(ring);
  }

  /** `build_overlap_sched_groups`: nodes may be in several groups, so each CPU has a ring of its own. */
  private ownRing(l: Level, sd: SchedDomain): void {
    const ring: SchedGroup[] = [];
    const covered = new CpuSet(this.nrCpus);
    for (const cpu of wrapping(sd.span, sd.cpu)) {
      const own = l.domains[cpu];
      if (covered.has(cpu) || own === undefined) continue;
      const sibling = descended(sd, own);
      const members = sibling.child?.span ?? sibling.span;
      covered.addAll(members);
      const { balanceMask, sgc } = this.balancersOf(this.levelOf[sibling.id]!, members);
      ring.push(this.group(members, sibling.child?.flags ?? 0, balanceMask, sgc));
    }
    link(ring);
    sd.groups = ring[0]!;
  }

  /** `build_balance_mask`: CPUs that have this very group as their local one. */
  private balancersOf(l: Level, members: CpuSet): GroupOfNodes {
    const owns = (cpu: CpuId): boolean => l.domains[cpu]?.child?.span.equals(members) === true;
    let first = members.first();
    while (first >= 0 && !owns(first as CpuId)) first = members.next(first);
    let known = l.ofNodes.get(first);
    if (known === undefined) {
      known = { balanceMask: CpuSet.of(this.nrCpus, [...members].filter(owns)), sgc: this.capacityOf(members) };
      l.ofNodes.set(first, known);
    }
    return known;
  }

  private group(span: CpuSet, flags: number, balanceMask: CpuSet, sgc: GroupCapacity): SchedGroup {
    let cores = this.coresIn.get(span);
    if (cores === undefined) this.coresIn.set(span, (cores = new Set([...span].map(cpu => this.spec.core[cpu]!)).size));
    return { id: this.nextGroup++, next: NO_GROUP, span, weight: span.size, cores, flags, balanceMask, sgc };
  }

  private capacityOf(span: CpuSet): GroupCapacity {
    const each = [...span].map(cpu => this.spec.capacity[cpu]!);
    const capacity = each.reduce((sum, c) => sum + c, 0);
    const [minCapacity, maxCapacity] = [each.reduce((a, b) => Math.min(a, b)), each.reduce((a, b) => Math.max(a, b))];
    return { capacity, minCapacity, maxCapacity, imbalance: false };
  }
}

/** Stands in until the groups are made, which needs all domains of a level. */
const NO_GROUP = {} as SchedGroup;

function level(name: DomainLevel, flags: number, spans: readonly CpuSet[], distance = 0): Level {
  return { level: name, flags, distance, spans, domains: [], shared: new Map(), ofNodes: new Map() };
}

function sharedOf(l: Level, span: CpuSet): SharedDomain {
  let shared = l.shared.get(span);
  if (shared === undefined) l.shared.set(span, (shared = { nrIdleScan: span.size, hasIdleCores: true }));
  return shared;
}

/** `for_each_cpu_wrap`. */
function* wrapping(span: CpuSet, from: CpuId): Generator<CpuId> {
  for (let cpu = span.next(from - 1); cpu >= 0; cpu = span.next(cpu)) yield cpu as CpuId;
  for (let cpu = span.first(); cpu >= 0 && cpu < from; cpu = span.next(cpu)) yield cpu as CpuId;
}

function link(ring: readonly SchedGroup[]): void {
  ring.forEach((group, i) => (group.next = ring[(i + 1) % ring.length]!));
}

/** `find_descended_sibling`: further down while what is below reaches out of `sd`; then below what only repeats it. */
function descended(sd: SchedDomain, sibling: SchedDomain): SchedDomain {
  let s = sibling;
  if (s.child === null || s.child.span.isSubsetOf(sd.span)) return s;
  while (s.child !== null && !s.child.span.isSubsetOf(sd.span)) s = s.child;
  while (s.child !== null && s.child.span.equals(s.span)) s = s.child;
  return s;
}

/** The first domain above a cache: by how many tasks may its sides differ; further up so much more as it is larger. */
function allowNumaImbalance(lowest: SchedDomain): void {
  let imb = 0;
  let span = 1;
  for (let sd: SchedDomain | null = lowest; sd !== null; sd = sd.parent) {
    if (!sdHas(sd, SD_SHARE_LLC) && sd.child !== null && sdHas(sd.child, SD_SHARE_LLC)) {
      const nrLlcs = Math.floor(sd.weight / sd.child.weight);
      imb = Math.max(1, nrLlcs === 1 ? sd.weight >> 3 : nrLlcs);
      sd.imbNumaNr = imb;
      let numa = sd.parent;
      while (numa !== null && !sdHas(numa, SD_NUMA)) numa = numa.parent;
      span = (numa ?? sd).weight;
    } else {
      sd.imbNumaNr = imb * Math.max(1, Math.floor(sd.weight / span));
    }
  }
}

/** Takes out the levels that add nothing (`cpu_attach_domain`); the lowest that is left, if any is. */
function thinOut(lowest: SchedDomain): SchedDomain | null {
  for (let sd = lowest; sd.parent !== null;) {
    const { parent } = sd;
    if (!parentDegenerate(sd, parent)) {
      sd = parent;
      continue;
    }
    sd.parent = parent.parent;
    if (parent.parent !== null) {
      parent.parent.child = sd;
      parent.parent.groups.flags = sd.flags;
    }
    if (sdHas(parent, SD_PREFER_SIBLING)) sd.flags |= SD_PREFER_SIBLING;
  }
  if (!degenerate(lowest)) return lowest;
  const { parent } = lowest;
  if (parent === null) return null;
  parent.groups.flags = 0;
  parent.child = null;
  return parent;
}

function degenerate(sd: SchedDomain): boolean {
  return sd.weight === 1 || (sd.groups.next === sd.groups && !sdHas(sd, SD_WAKE_AFFINE));
}

function parentDegenerate(sd: SchedDomain, parent: SchedDomain): boolean {
  if (degenerate(parent)) return true;
  if (!sd.span.equals(parent.span)) return false;
  const wanted = parent.groups.next === parent.groups ? parent.flags & ~NEEDS_GROUPS : parent.flags;
  return (~sd.flags & wanted) === 0;
}
