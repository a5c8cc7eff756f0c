/**
 * The work that other simulators were run on (`packages/conform/data/peers`), with the figures of its README beside ours:
 * completed jobs per CPU-second, figures of every job and the digest on, the trace off.
 */
import { readFileSync } from 'node:fs';
import { EventHeap } from './heap.mjs';

const DATA = new URL('../packages/conform/data/peers/', import.meta.url);

/** What the README gives, in thousands of jobs per CPU-second, on a server machine of 2026. */
export const PEERS = {
  gedf: {
    columns: ['RTSIM', 'schedsim', 'PARTSim', 'SimPy', 'SimSo', 'bare loop'],
    'perf-n10-m1': [1038, 588, 420, 64, 6, 13_200],
    'perf-n100-m4': [431, 263, 191, 56, 3.2, 5500],
    'perf-n100-m64': [44, 54, 25, 95, 2.1, 2300],
    'perf-n1000-m16': [84, 88, 37, 46, 0.8, 3100],
    'perf-n1000-m64': [29, 35, 15, 58, 0.7, 1900],
  },
  pfp: { columns: ['RTSIM'], 'perf-n10-m1': [1403], 'perf-n100-m4': [879], 'perf-n1000-m64': [536] },
};

export const SETS = ['perf-n10-m1', 'perf-n10-m4', 'perf-n100-m4', 'perf-n100-m64', 'perf-n1000-m16', 'perf-n1000-m64'];

/** The machine that figures are scaled to: events per CPU-second of the bare heap. */
export const REFERENCE_HEAP = 9e6;

const PENDING = 10_000;

/** Own 4-ary heap on typed arrays, 10,000 entries pending; one event pops one and pushes one at "now + random". */
export function measureBareHeap({ warmUp, counted }) {
  const heap = new EventHeap(PENDING + 1);
  let x = 1;
  const random = () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % 1_000_000;
  };
  for (let id = 0; id < PENDING; id++) heap.push(random(), id);
  const round = () => {
    for (let i = 0; i < 100_000; i++) {
      heap.pop();
      heap.push(heap.at + random(), heap.id);
    }
    return 100_000;
  };
  const { done, seconds } = repeat(round, warmUp, counted);
  return { perSecond: done / seconds };
}

export async function measureTaskSet({ set, cls, warmUp, counted }) {
  const [{ createSimulation }, { classic, classicScenario }, { DigestSink, JobFigureSink }, { readWorkload }] = await Promise.all([
    import('../packages/sim/dist/index.js'),
    import('../packages/preset-classic/dist/index.js'),
    import('../packages/trace/dist/index.js'),
    import('../packages/workload/dist/index.js'),
  ]);
  const text = set === 'perf-n1000-m64' ? generated(1000, 64) : readFileSync(new URL(`tasksets/${set}.json`, DATA), 'utf8');
  const read = readWorkload(text, { file: set });
  const arrangement = { cls, locks: 'fifo' };
  const scenario = classicScenario(read.scenario, arrangement);
  let digest = '';
  const round = () => {
    const jobs = new JobFigureSink();
    const print = new DigestSink();
    const simulation = createSimulation(scenario, classic(arrangement), [print, jobs]);
    const begin = process.cpuUsage();
    simulation.run();
    const { user, system } = process.cpuUsage(begin);
    digest = print.digest();
    return { done: jobs.figures().reduce((sum, f) => sum + f.completed, 0), seconds: (user + system) / 1e6 };
  };
  const { done, seconds } = repeat(round, warmUp, counted);
  return { jobsPerSecond: done / seconds, digest, peakMiB: process.resourceUsage().maxRSS / 1024 };
}

/** Rounds until the warm-up is over, then until enough is counted. A round may say how much of its time counts. */
function repeat(round, warmUp, counted) {
  const one = () => {
    const begin = process.cpuUsage();
    const done = round();
    const { user, system } = process.cpuUsage(begin);
    return typeof done === 'number' ? { done, seconds: (user + system) / 1e6 } : done;
  };
  for (let seconds = 0; seconds < warmUp;) seconds += one().seconds;
  const sum = { done: 0, seconds: 0 };
  while (sum.seconds < counted) {
    const { done, seconds } = one();
    sum.done += done;
    sum.seconds += seconds;
  }
  return sum;
}

/** Of the shape of the others, not one of them: implicit deadlines, periods of 10 to 100 ms, load 0.8 of each CPU, 100,000 jobs. */
function generated(n, cpus) {
  let x = n * 1000 + cpus;
  const random = () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 2 ** 32;
  };
  const draws = Array.from({ length: n }, () => ({ share: 0.1 + random(), period: Math.round(1e7 * 10 ** random()) + 1 }));
  const total = draws.reduce((sum, d) => sum + d.share, 0);
  const order = [...draws].sort((a, b) => a.period - b.period);
  const rate = draws.reduce((sum, d) => sum + 1 / d.period, 0);
  const tasks = draws.map(({ share, period }, id) => ({
    id,
    name: `t${id}`,
    period,
    deadline: period,
    wcet: Math.max(1, Math.round((share / total) * 0.8 * cpus * period)),
    offset: Math.floor(random() * period),
    priority: order.findIndex(d => d.period === period) + 1,
    cpu: id % cpus,
  }));
  return JSON.stringify({ format: 'peer-taskset/1', name: `perf-n${n}-m${cpus}`, cpus, horizon: Math.round(100_000 / rate), tasks });
}
