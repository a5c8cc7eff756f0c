import { badTopology } from './errors.js';

/**
 * What a machine is built of, by CPU: two CPUs with one number share that part. Parts nest: a core lies in one cluster, a cluster under one
 * last-level cache, that in one NUMA node.
 */
export interface TopologySpec {
  /** SMT threads of a core share its pipeline. */
  readonly core: readonly number[];
  /** Cores that share a cache below the last level; absent: no such level. */
  readonly cluster?: readonly number[];
  /** CPUs that share the last-level cache. */
  readonly llc: readonly number[];
  readonly node: readonly number[];
  /** What a CPU gets done, 1 … 1024 = the biggest core at full speed (`cpu_capacity`). */
  readonly capacity: readonly number[];
  /** Distance from node to node as firmware tells it: 10 to itself, more to others. */
  readonly distance: readonly (readonly number[])[];
  /** Beyond this distance a domain places no new tasks (`node_reclaim_distance`); absent: 30. */
  readonly reclaimDistance?: number;
}

/** A machine of equal sockets. */
export interface RegularTopology {
  readonly sockets?: number | undefined;
  /** Of each socket. */
  readonly cores: number;
  /** SMT threads of each core; absent: 1. */
  readonly threads?: number | undefined;
  /** Cores under one last-level cache; absent: all of a node. */
  readonly llc?: number | undefined;
  /** Cores that share a cache below that one; absent: none do. */
  readonly cluster?: number | undefined;
  /** Of each core of a socket, 1 … 1024; absent: 1024 all. */
  readonly capacities?: readonly number[] | undefined;
  /** Between the nodes; each socket is as many nodes as there are for it. Absent: a node for each socket, 20 apart. */
  readonly distances?: readonly (readonly number[])[] | undefined;
  readonly reclaimDistance?: number | undefined;
}

/** `LOCAL_DISTANCE`, `REMOTE_DISTANCE`. */
const LOCAL = 10;
const REMOTE = 20;

/** Machines by name, beside `smp-N`. */
export const TOPOLOGY_PRESETS: Readonly<Record<string, RegularTopology>> = {
  /** Two sockets of 64 cores with two threads; eight cores under each cache. Zen trusts a distance of 32 (`init_amd_zn`). */
  'epyc-2x64-smt': {
    sockets: 2,
    cores: 64,
    threads: 2,
    llc: 8,
    distances: [
      [LOCAL, 32],
      [32, LOCAL],
    ],
    reclaimDistance: 32,
  },
  /** Snapdragon 855: `capacity-dmips-mhz` 488 and 1024 times the highest frequencies, 1.785, 2.419 and 2.841 GHz. */
  'pixel-4+3+1': { cores: 8, capacities: [307, 307, 307, 307, 872, 872, 872, 1024] },
};

/** What a preset's name may be, for messages. */
export const TOPOLOGY_NAMES: readonly string[] = [...Object.keys(TOPOLOGY_PRESETS), 'smp-N'];

/** The machine of that name, or null. `smp-N`: N CPUs, one socket, one cache, no SMT, 1 … 1024. */
export function presetTopology(name: string): RegularTopology | null {
  if (Object.hasOwn(TOPOLOGY_PRESETS, name)) return TOPOLOGY_PRESETS[name]!;
  const cores = /^smp-([1-9]\d{0,3})$/.exec(name)?.[1];
  return cores === undefined ? null : { cores: Number(cores) };
}

export function nrCpusOf({ sockets = 1, cores, threads = 1 }: RegularTopology): number {
  return sockets * cores * threads;
}

/**
 * By CPU, numbered as Linux does on a PC: first the first threads of all cores, socket by socket, then their siblings, so that with two
 * threads CPU `i` and `i + N/2` are one core. Throws where parts do not divide.
 */
export function regularTopology(shape: RegularTopology): TopologySpec {
  const { sockets = 1, cores, threads = 1, cluster, capacities, reclaimDistance } = shape;
  const distance = shape.distances ?? evenDistances(sockets);
  const problem = regularProblem(shape, distance);
  if (problem !== null) throw badTopology(problem);
  const all = sockets * cores;
  const nodeCores = all / distance.length;
  const llcCores = shape.llc ?? nodeCores;
  const each = (of: (core: number) => number): number[] => Array.from({ length: all * threads }, (_, cpu) => of(cpu % all));
  const part = (size: number) => each(core => Math.floor(core / size));
  return {
    core: each(core => core),
    ...(cluster === undefined ? {} : { cluster: part(cluster) }),
    llc: part(llcCores),
    node: part(nodeCores),
    capacity: each(core => capacities?.[core % cores] ?? 1024),
    distance,
    ...(reclaimDistance === undefined ? {} : { reclaimDistance }),
  };
}

/** What is wrong with a shape, or null: the parts of a machine have to divide without rest. */
export function regularProblem(shape: RegularTopology, distance = shape.distances ?? evenDistances(shape.sockets ?? 1)): string | null {
  const { sockets = 1, cores, cluster, capacities } = shape;
  const nodes = distance.length;
  if (distance.some(row => row.length !== nodes)) return `distances are a square: ${nodes} rows of ${nodes}`;
  if (nodes % sockets !== 0) return `${nodes} nodes do not divide among ${sockets} sockets`;
  if (distance.some((row, i) => row.some((d, j) => (i === j ? d !== LOCAL : d <= LOCAL || d !== distance[j]![i])))) {
    return 'distances are 10 from a node to itself, more between two, and the same both ways';
  }
  const nodeCores = (sockets * cores) / nodes;
  if (!Number.isInteger(nodeCores)) return `${cores} cores do not divide among ${nodes / sockets} nodes`;
  const llc = shape.llc ?? nodeCores;
  if (nodeCores % llc !== 0) return `caches for ${llc} cores each do not divide a node of ${nodeCores}`;
  if (cluster !== undefined && llc % cluster !== 0) return `clusters of ${cluster} cores do not divide a cache of ${llc}`;
  if (capacities !== undefined && capacities.length !== cores) {
    return `capacities are given for ${capacities.length} cores, and a socket has ${cores}`;
  }
  return null;
}

function evenDistances(nodes: number): number[][] {
  return Array.from({ length: nodes }, (_, i) => Array.from({ length: nodes }, (_, j) => (i === j ? LOCAL : REMOTE)));
}
