/**
 * What a recorded machine spends on itself: `node scripts/measure-costs.mjs DIR` reads the recordings in DIR, those whose tasks are all
 * pinned to CPU 0 for costs and the others for turns, and prints per interval how often it occurred, its mean (5 of 100 cut off at either end) and its spread, in us.
 * Given our own runs in the same form it prints what the model spends; `packages/workload/src/recorded-machine.ts` holds the costs.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [dir] = process.argv.slice(2);
if (dir === undefined) throw new Error('usage: node scripts/measure-costs.mjs DIR');

/** Interval to what it took, us. */
const samples = new Map();
for (const name of readdirSync(dir).filter(file => file.endsWith('.json'))) {
  const recording = JSON.parse(readFileSync(join(dir, name), 'utf8'));
  const pinned = recording.tasks?.every(task => task.cpus.length === 1 && task.cpus[0] === 0);
  if (pinned) measure(recording);
  else if (recording.tasks !== undefined) measureTurns(recording);
}
for (const [interval, taken] of [...samples].sort(([a], [b]) => (a < b ? -1 : 1))) {
  if (taken.length < 5) continue;
  const sorted = taken.sort((a, b) => a - b);
  const middle = sorted.slice(Math.floor(sorted.length * 0.05), Math.ceil(sorted.length * 0.95));
  const mean = middle.reduce((sum, us) => sum + us, 0) / middle.length;
  const spread = Math.sqrt(middle.reduce((sum, us) => sum + (us - mean) ** 2, 0) / middle.length);
  console.log(`${interval.padEnd(48)} ${String(taken.length).padStart(6)}  ${mean.toFixed(2).padStart(7)}  ±${spread.toFixed(2)}`);
}

function add(interval, us) {
  if (!samples.has(interval)) samples.set(interval, []);
  samples.get(interval).push(us);
}

function measure({ tasks, events }) {
  const byName = new Map(tasks.map(task => [task.name, task]));
  const kind = name =>
    name === '-' ? 'idle' : ['fifo', 'rr'].includes(byName.get(name)?.policy) ? 'RT' : (byName.get(name)?.policy ?? 'foreign');
  const here = events.filter(([, , cpu]) => cpu === 0);
  const started = new Set();
  /** By task: its last mark, and whether it was switched out since. */
  const marks = new Map();
  here.forEach((event, i) => {
    const [what, t, , task] = event;
    const before = here[i - 1];
    if (what === 'waking' && byName.has(task)) {
      if (!started.has(task)) add('timer due -> waking', t - byName.get(task).start_us);
      started.add(task);
      const byRelease = before?.[0] === 'op' && before[6] === 'rel' && marks.get(task)?.phase === 'req';
      if (byRelease) add('release -> waking', t - before[1]);
      const [wakeup, next] = [here[i + 1], here[i + 2]];
      if (wakeup?.[0] === 'wakeup' && next?.[0] === 'switch' && next[5] === task && next[1] - t < 20) {
        add(`waking by ${byRelease ? 'release' : 'timer'} -> switch, ${kind(task)} over ${kind(next[3])}`, next[1] - t);
      }
    } else if (what === 'switch') {
      const [prev, state] = [task, event[4]];
      const mark = marks.get(prev);
      if (mark !== undefined && !mark.out && state.startsWith('D') && mark.phase === 'req')
        add('request -> switch, lock taken', t - mark.t);
      if (mark !== undefined && !mark.out && state.startsWith('S')) sleeps(byName.get(prev), mark, t);
      const phase = t % 1000;
      const ticked = state.startsWith('R') && before?.[0] === 'switch' && phase < 12 && byName.has(prev) && byName.has(event[5]);
      if (ticked) add(`tick -> switch, ${kind(event[5])}`, phase);
      if (mark !== undefined) mark.out = true;
      for (const m of marks.values()) m.switchedIn = undefined;
      marks.set(event[5], { ...(marks.get(event[5]) ?? { phase: 'start', out: true }), switchedIn: t });
    } else if (what === 'op' && byName.has(task)) {
      const [, , , , index, , phase] = event;
      const last = marks.get(task);
      if (last !== undefined) follows(byName.get(task), last, { t, index, phase });
      marks.set(task, { t, index, phase, out: false, switchedIn: last?.switchedIn });
    }
  });
}

/** Where several CPUs are busy, the emulator lets them take turns: how late work ends and timers fire, by the number of busy CPUs. */
function measureTurns({ tasks, events }) {
  const byName = new Map(tasks.map(task => [task.name, task]));
  const onCpu = new Map();
  const started = new Set();
  /** By task: when it got a lock, while it was not switched out. */
  const locked = new Map();
  for (const [what, t, cpu, task, ...rest] of events) {
    const busy = [...onCpu.values()].filter(name => name !== '-').length;
    if (what === 'switch') {
      onCpu.set(cpu, rest[1]);
      locked.delete(task);
    } else if (what === 'waking' && byName.has(task) && !started.has(task)) {
      started.add(task);
      const late = t - byName.get(task).start_us;
      if (late >= 0 && late < 2000) add(`turns: timer due -> waking, ${busy} busy`, late);
    } else if (what === 'op' && byName.has(task)) {
      const [index, , phase] = rest;
      const from = locked.get(task);
      const work = from === undefined ? undefined : byName.get(task).ops[from.index + 1];
      if (phase === 'rel' && index === from?.index + 2 && work?.[0] === 'run')
        add(`turns: got, work -> rel, ${busy} busy`, t - from.t - work[1]);
      locked.delete(task);
      if (phase === 'got') locked.set(task, { t, index });
    }
  }
}

/** The work between two operations of a task, us; undefined when there is more than work between them, or the second is none (its end). */
function workBetween({ ops }, from, to) {
  if (ops[to] === undefined) return undefined;
  let us = 0;
  for (let i = (from + 1) % ops.length; i !== to; i = (i + 1) % ops.length) {
    if (ops[i][0] !== 'run') return undefined;
    us += ops[i][1];
  }
  return us;
}

function follows(task, last, mark) {
  if (last.out) {
    if (last.switchedIn === undefined) return;
    if (mark.phase === 'req' && mark.index === 0) add('switch -> first request', mark.t - last.switchedIn);
    if (mark.phase === 'got' && last.phase === 'req') add('switch -> lock had, by a waiter', mark.t - last.switchedIn);
    return;
  }
  if (last.phase === 'req') return mark.phase === 'got' && add('request -> lock had', mark.t - last.t);
  const us = workBetween(task, last.index, mark.index);
  if (us !== undefined) add(`${last.phase}${us > 0 ? ', work' : ''} -> ${mark.phase}`, mark.t - last.t - us);
}

function sleeps(task, mark, t) {
  if (mark.phase === 'done') return add('end of a job -> switch', t - mark.t);
  const sleep = task?.ops.findIndex(([op], i) => i > mark.index && op === 'sleep') ?? -1;
  const us = sleep < 0 || mark.phase !== 'rel' ? undefined : workBetween(task, mark.index, sleep);
  if (us !== undefined) add(`rel${us > 0 ? ', work' : ''} -> asleep`, t - mark.t - us);
}
