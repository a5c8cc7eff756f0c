import { buildDomains } from './build-domains.js';
import { CpuSet } from './cpu-set.js';
import { badTopology } from './errors.js';
import type { MachineSpec } from './scenario.js';
import { SD_ASYM_CPUCAPACITY_FULL, SD_CLUSTER, SD_NUMA, SD_SHARE_LLC, sdHas, type SchedDomain } from './sched-domain.js';
import { regularTopology, type TopologySpec } from './topology-spec.js';
import type { CpuId } from './types.js';

/**
 * What the machine is built of and the scheduling domains that follow from it; fixed for a run but for what domains and groups say is
 * written by balancers.
 */
export class Topology {
  readonly nrCpus: number;
  /** By CPU, 1024 = the biggest at full speed. */
  readonly capacity: readonly number[];
  /** By CPU: its innermost domain, `null`: it is in none. */
  readonly domains: readonly (SchedDomain | null)[];
  /** By CPU: the outermost domain that shares its last-level cache (`sd_llc`), the innermost in which all sizes of CPUs are
   *  (`sd_asym_cpucapacity`), the innermost across nodes (`sd_numa`). */
  readonly llc: readonly (SchedDomain | null)[];
  readonly asymCapacity: readonly (SchedDomain | null)[];
  readonly numa: readonly (SchedDomain | null)[];
  /** CPUs that are not all of one size (`sched_asym_cpucap_active`), cores with several threads (`sched_smt_active`). */
  readonly asymmetric: boolean;
  readonly smt: boolean;
  /** There are clusters (`sched_cluster_active`). */
  readonly clusters: boolean;
  private readonly cluster: readonly (SchedDomain | null)[];
  /** By CPU: the threads of its core, itself among them (`cpu_smt_mask`). */
  readonly threads: readonly CpuSet[];
  /** By CPU: the NUMA node it is in. */
  readonly node: readonly number[];

  constructor(spec: TopologySpec) {
    check(spec);
    this.nrCpus = spec.core.length;
    this.capacity = spec.capacity;
    this.node = spec.node;
    this.threads = CpuSet.sharing(spec.core);
    this.smt = this.threads.some(core => core.size > 1);
    this.asymmetric = spec.capacity.some(c => c !== spec.capacity[0]);
    this.domains = buildDomains(spec);
    this.llc = this.domains.map(sd => highest(sd, SD_SHARE_LLC));
    this.asymCapacity = this.domains.map(sd => lowest(sd, SD_ASYM_CPUCAPACITY_FULL));
    this.cluster = this.domains.map(sd => lowest(sd, SD_CLUSTER));
    this.clusters = this.cluster.some(sd => sd !== null);
    this.numa = this.domains.map(sd => lowest(sd, SD_NUMA));
  }

  /** That of a machine; where it tells none all CPUs are equal cores under one cache. */
  static of(machine: Pick<MachineSpec, 'cpus' | 'topology'>): Topology {
    const { cpus, topology = regularTopology({ cores: cpus }) } = machine;
    if (topology.core.length !== cpus) throw badTopology(`it is of ${topology.core.length} CPUs, and the machine has ${cpus}`);
    return new Topology(topology);
  }

  /** `cpus_share_cache`: the last-level one. */
  sharesCache(a: CpuId, b: CpuId): boolean {
    return a === b || this.llc[a]?.span.has(b) === true;
  }

  /** `cpus_share_resources`: in one cluster; always where there are none, since then it is the cache that counts. */
  sharesCluster(a: CpuId, b: CpuId): boolean {
    if (!this.clusters) return true;
    return a === b || (this.cluster[a] ?? this.llc[a])?.span.has(b) === true;
  }

  /** CPUs under the cache of `cpu` (`sd_llc_size`). */
  llcSize(cpu: CpuId): number {
    return this.llc[cpu]?.weight ?? 1;
  }
}

/** `highest_flag_domain`: from below as far as the flag goes. */
function highest(sd: SchedDomain | null, flag: number): SchedDomain | null {
  let found: SchedDomain | null = null;
  for (let d = sd; d !== null && sdHas(d, flag); d = d.parent) found = d;
  return found;
}

/** `lowest_flag_domain`. */
function lowest(sd: SchedDomain | null, flag: number): SchedDomain | null {
  let d = sd;
  while (d !== null && !sdHas(d, flag)) d = d.parent;
  return d;
}

/** Parts nest, lists are of one length, capacities within their scale. */
function check({ core, cluster, llc, node, capacity, distance }: TopologySpec): void {
  const nrCpus = core.length;
  if (nrCpus === 0 || [cluster ?? core, llc, node, capacity].some(list => list.length !== nrCpus)) {
    throw badTopology('each list tells something of every CPU, so all are of one length');
  }
  if (capacity.some(c => !Number.isInteger(c) || c < 1 || c > 1024)) throw badTopology('capacities are whole numbers from 1 to 1024');
  if (cluster !== undefined) checkNested('cluster', cluster, 'cache', llc);
  checkNested('core', core, cluster === undefined ? 'cache' : 'cluster', cluster ?? llc);
  checkNested('cache', llc, 'node', node);
  if (node.some(n => distance[n]?.[n] !== 10)) throw badTopology('every node has a distance of 10 to itself');
}

function checkNested(what: string, inner: readonly number[], whole: string, outer: readonly number[]): void {
  const within = new Map<number, number>();
  for (const [cpu, id] of inner.entries()) {
    const at = within.get(id) ?? outer[cpu]!;
    if (at !== outer[cpu]) throw badTopology(`${what} ${id} lies in two parts, ${whole} ${at} and ${whole} ${outer[cpu]!}`);
    within.set(id, at);
  }
}
