/**
 * How much the simulator does in a second of CPU time: events and context switches by number of CPUs and tasks, without
 * and with locks, and the memory it took. Each cell is a process of its own, so that its peak and its compiled code are
 * its own. Before that, the work that other simulators were run on, with their figures beside ours. Runs on `dist` (`npm run bench` builds it). The trace is off, the digest on. Figures, no judgement: nothing
 * here fails because a machine is slow.
 *
 *   node bench/run.mjs [--quick] [--json]
 */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { EventQueue, NO_COSTS } from '../packages/core/dist/index.js';
import { measureBareHeap, measureTaskSet, PEERS, REFERENCE_HEAP, SETS } from './peers.mjs';

const CPUS = [1, 4, 64, 256];
const TASKS = [10, 100, 1000, 10_000];
/** CPU seconds of a cell: before the count begins, and counted. */
const FULL = { warmUp: 0.3, counted: 1 };
const QUICK = { warmUp: 0.1, counted: 0.2 };
/** Looking at the clock costs more than an event. */
const LOOK_EVERY = 2048;

/** A round of a task set is 100,000 jobs, and it takes a few until all of the machine's code is compiled. */
const longEnough = ({ counted }) => ({ warmUp: 1, counted: Math.max(0.5, counted) });

const HEAP_TIMERS = 10_000;

/** One CPU on which nearly everybody is queued: what a pick and an enqueue of the fair class cost as its queue grows. */
const FAIR_TASKS = [10, 100, 1000, 10_000, 100_000];
const FAIR_VERSIONS = ['7.3', '6.12', '6.1'];

function main(args) {
  const strange = args.filter(arg => arg !== '--quick' && arg !== '--json');
  if (strange.length > 0) {
    process.stderr.write(`bench: unknown option ${strange[0]}; there are --quick and --json\n`);
    process.exitCode = 2;
    return;
  }
  const span = args.includes('--quick') ? QUICK : FULL;
  const json = args.includes('--json');
  const host = { node: process.version, cpu: cpus()[0]?.model ?? '?', generation: '7.3', ...span };
  const say = line => (json ? process.stderr : process.stdout).write(`${line}\n`);

  say(`node ${host.node}, ${host.cpu}; proxy execution 7.3, ${span.counted} CPU-seconds a cell`);
  const heap = inChild({ heap: true, ...span });
  say(`event heap alone, ${HEAP_TIMERS} timers pending: ${heap.error ?? `${millions(heap.perSecond)} events per CPU-second`}`);
  say('');
  const peers = measurePeers(span, say);
  say('');
  say('  cpus  tasks  locks   events/s  switches/s  simulated   peak MiB');
  const rows = [];
  for (const locks of [false, true]) {
    for (const nrCpus of CPUS) {
      for (const nrTasks of TASKS) {
        const row = inChild({ nrCpus, nrTasks, locks, ...span });
        rows.push({ cpus: nrCpus, tasks: nrTasks, locks, ...row });
        const name = `${pad(nrCpus, 6)}${pad(nrTasks, 7)}${(locks ? 'yes' : 'no').padStart(7)}`;
        say(
          row.error === undefined
            ? `${name}${pad(millions(row.eventsPerSecond), 11)}${pad(millions(row.switchesPerSecond), 12)}${pad(milliseconds(row.simulated), 11)}${pad(Math.round(row.peakMiB), 11)}`
            : `${name}  ${row.error}`,
        );
      }
    }
  }
  const fair = measureFairQueues(span, say);
  if (json) process.stdout.write(`${JSON.stringify({ schema: 'proxysched.bench/1', host, heap, peers, rows, fair }, null, 2)}\n`);
  if ([heap, peers.heap, ...peers.rows, ...rows, ...fair].some(row => row.error !== undefined)) process.exitCode = 1;
}

/** What an event costs as the fair class's queue grows: a task leaves and the next is picked, or a task joins. */
function measureFairQueues(span, say) {
  say('');
  say('fair class, one CPU, all tasks queued: ns per event');
  say(`  tasks${FAIR_VERSIONS.map(version => version.padStart(9)).join('')}`);
  return FAIR_TASKS.flatMap(nrTasks => {
    const cells = FAIR_VERSIONS.map(version => ({ tasks: nrTasks, version, ...inChild({ fair: true, nrTasks, version, ...span }) }));
    say(`${pad(nrTasks, 7)}${cells.map(cell => (cell.error === undefined ? pad(Math.round(cell.nsPerEvent), 9) : '    error')).join('')}`);
    return cells;
  });
}

/** Task sets under two classes, beside the figures of other simulators, and scaled to a machine of known speed. */
function measurePeers(span, say) {
  const heap = inChild({ bareHeap: true, ...span });
  const scale = heap.error === undefined ? REFERENCE_HEAP / heap.perSecond : Number.NaN;
  say(
    `bare 4-ary heap on typed arrays: ${heap.error ?? `${millions(heap.perSecond)} events per CPU-second`}; "scaled" is to a machine where that is ${millions(REFERENCE_HEAP)}`,
  );
  const rows = [];
  for (const cls of ['gedf', 'pfp']) {
    const { columns } = PEERS[cls];
    say(`${cls}: thousand jobs per CPU-second`.padEnd(34) + ['here', 'scaled', ...columns].map(name => name.padStart(10)).join(''));
    for (const set of SETS) {
      const row = inChild({ set, cls, ...longEnough(span) });
      rows.push({ set, cls, ...row, scaled: row.error === undefined ? row.jobsPerSecond * scale : undefined });
      const theirs = PEERS[cls][set] ?? columns.map(() => null);
      const cells = [row.jobsPerSecond / 1e3, (row.jobsPerSecond * scale) / 1e3, ...theirs].map(k =>
        k === null ? '-' : String(k < 10 ? k : Math.round(k)),
      );
      say(row.error === undefined ? `  ${set}`.padEnd(34) + cells.map(cell => cell.padStart(10)).join('') : `  ${set}: ${row.error}`);
    }
    const cost = set => 1 / rows.find(r => r.cls === cls && r.set === set).jobsPerSecond;
    say(`  cost per job from 100 tasks on 4 CPUs to 100 on 64: ${(cost('perf-n100-m64') / cost('perf-n100-m4')).toFixed(2)} times`);
  }
  say('others: one core of a server machine of 2026, as published with the task sets; perf-n1000-m64 is generated here, of the same shape');
  return { heap, rows };
}

function inChild(what) {
  const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--cell', JSON.stringify(what)], { encoding: 'utf8' });
  if (child.status === 0) return JSON.parse(child.stdout);
  return {
    error: (child.stderr.match(/^\w*(?:Error|Violation)\b.*$/m)?.[0] ?? `ended with ${child.status ?? child.signal}`).slice(0, 200),
  };
}

async function measure(what) {
  if (what.fair === true) return measureFair(what);
  if (what.heap === true) return measureHeap(what);
  if (what.bareHeap === true) return measureBareHeap(what);
  return what.set === undefined ? measureSimulation(what) : measureTaskSet(what);
}

/** Pop one, arm it again somewhere later: what the loop does with every event, and nothing else. */
function measureHeap({ warmUp, counted }) {
  const queue = new EventQueue();
  const random = xorshift(1);
  for (let i = 0; i < HEAP_TIMERS; i++)
    queue.arm(
      queue.timer('t', 0, () => undefined),
      random() % 1_000_000,
    );
  const meter = new Meter(warmUp, counted);
  for (let n = 0; ; n++) {
    const timer = queue.next(Number.MAX_SAFE_INTEGER);
    queue.arm(timer, queue.now + (random() % 1_000_000));
    if (n % LOOK_EVERY === 0 && meter.over(n, 0)) break;
  }
  return { perSecond: meter.events / meter.seconds };
}

/** Thrown by the probe: a run has no other way to end early, and the machine is not used again. */
class Enough extends Error {}

async function measureSimulation({ nrCpus, nrTasks, locks, warmUp, counted }) {
  // Only here, so that the heap is measured without them.
  const [{ createSimulation }, { linux, generationOptions }, { DigestSink }] = await Promise.all([
    import('../packages/sim/dist/index.js'),
    import('../packages/preset-linux/dist/index.js'),
    import('../packages/trace/dist/index.js'),
  ]);

  class CountingDigest extends DigestSink {
    switches = 0;
    schedSwitch(now, cpu, prev, next, donor, preempted) {
      this.switches++;
      super.schedSwitch(now, cpu, prev, next, donor, preempted);
    }
  }

  const digest = new CountingDigest();
  const scenario = makeScenario({ nrCpus, nrTasks, locks, options: generationOptions('7.3') });
  const simulation = createSimulation(scenario, linux('7.3'), [digest]);
  // Not before everyone has started: the first event of a task is not like the others.
  const meter = new Meter(warmUp, counted, 2 * nrTasks);
  let events = 0;
  try {
    const { outcome } = simulation.run(() => {
      if (++events % LOOK_EVERY === 0 && meter.over(events, digest.switches)) throw new Enough();
    });
    throw new Error(`the run ended before its time: ${outcome}`);
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
  }
  return {
    eventsPerSecond: meter.events / meter.seconds,
    switchesPerSecond: meter.switches / meter.seconds,
    simulated: simulation.kernel.queue.now,
    peakMiB: process.resourceUsage().maxRSS / 1024,
  };
}

/** Tasks run 20 us and sleep as long, so that all but one or two are queued; no tick, no trace, nothing but the class and the machine. */
async function measureFair({ nrTasks, version, warmUp, counted }) {
  const [{ Machine }, { CfsClass, FairClass }] = await Promise.all([
    import('../packages/core/dist/index.js'),
    import('../packages/fair/dist/index.js'),
  ]);
  const options = { 'fair.version': version };
  const scenario = makeScenario({ nrCpus: 1, nrTasks, locks: false, options });
  const again = { op: 'jump', to: 0, times: -1 };
  const program = { ops: [{ op: 'run', ns: 20_000 }, { op: 'sleep', ns: 20_000 }, again] };
  const machine = new Machine({
    ...scenario,
    machine: { ...scenario.machine, hz: 1000, hrtick: false },
    tasks: scenario.tasks.map(t => ({ ...t, program })),
  });
  const cls = version === '6.1' ? new CfsClass(machine, options) : new FairClass(machine, options);
  const halt = { kind: 'halt' };
  machine.attach({
    classes: [cls],
    policies: new Map(cls.policies.map(kind => [kind, cls])),
    deadlock: { name: 'halt', onCycle: () => halt, onStall: () => halt },
    balancers: [],
  });
  const meter = new Meter(warmUp, counted, 2 * nrTasks);
  let events = 0;
  try {
    machine.run(() => {
      if (++events % LOOK_EVERY === 0 && meter.over(events, 0)) throw new Enough();
    });
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
  }
  return { nsPerEvent: (1e9 * meter.seconds) / meter.events };
}

/** Fair tasks of five nice values that run 50 … 1000 us and sleep 0.5 … 20 ms; every tenth pair of hands shares a mutex. */
function makeScenario({ nrCpus, nrTasks, locks, options }) {
  const random = xorshift(42);
  const between = (low, high) => low + (random() % (high - low));
  const nrMutexes = locks ? Math.max(1, nrTasks / 10) : 0;
  const tasks = Array.from({ length: nrTasks }, (_, i) => {
    const run = { op: 'run', ns: between(50_000, 1_000_000) };
    const sleep = { op: 'sleep', ns: between(500_000, 20_000_000) };
    const again = { op: 'jump', to: 0, times: -1 };
    const mutex = locks ? i % nrMutexes : 0;
    const held = { op: 'run', ns: between(5_000, 100_000) };
    return {
      comm: `t${i}`,
      policy: { kind: 'normal', nice: ((i % 5) - 2) * 5 },
      start: between(0, 5_000_000),
      group: 0,
      program: { ops: locks ? [run, { op: 'lock', mutex }, held, { op: 'unlock', mutex }, sleep, again] : [run, sleep, again] },
    };
  });
  return {
    name: 'bench',
    about: '',
    seed: 1,
    until: Number.MAX_SAFE_INTEGER,
    machine: { cpus: nrCpus, hz: 1000, hrtick: true, tickPhase: 0, costs: NO_COSTS },
    options,
    groups: [{ name: 'root', weight: 1024, parent: 0 }],
    mutexes: Array.from({ length: nrMutexes }, (_, i) => ({ name: `m${i}` })),
    conditions: [],
    barriers: [],
    semaphores: [],
    timers: [],
    tasks,
  };
}

/** Counts between the end of the warm-up and the end of the time. */
class Meter {
  events = 0;
  switches = 0;
  seconds = 0;
  #begin = process.cpuUsage();
  #from = null;
  #warmUp;
  #counted;
  #least;

  constructor(warmUp, counted, least = 0) {
    this.#warmUp = warmUp;
    this.#counted = counted;
    this.#least = least;
  }

  over(events, switches) {
    const { user, system } = process.cpuUsage(this.#begin);
    const seconds = (user + system) / 1e6;
    if (this.#from === null) {
      if (seconds >= this.#warmUp && events >= this.#least) this.#from = { events, switches, seconds };
      return false;
    }
    this.seconds = seconds - this.#from.seconds;
    this.events = events - this.#from.events;
    this.switches = switches - this.#from.switches;
    return this.seconds >= this.#counted;
  }
}

function xorshift(seed) {
  let x = seed >>> 0;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}

function millions(perSecond) {
  return perSecond >= 1e6 ? `${(perSecond / 1e6).toFixed(2)} M` : `${(perSecond / 1e3).toFixed(0)} k`;
}

function milliseconds(ns) {
  return ns >= 10e9 ? `${Math.round(ns / 1e9)} s` : `${Math.round(ns / 1e6)} ms`;
}

function pad(value, width) {
  return String(value).padStart(width);
}

const [mode, cell] = process.argv.slice(2);
if (mode === '--cell') process.stdout.write(`${JSON.stringify(await measure(JSON.parse(cell)))}\n`);
else main(process.argv.slice(2));
