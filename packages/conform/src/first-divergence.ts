import type { RecordedRun } from './recorded-run.js';

/** Spells shorter than this are left out of the order of switches: who looks in for a moment decides nothing. */
const BRIEF_US = 20;

/** Somebody on a CPU, from and until, us; `-`: nobody of the workload. */
export interface Spell {
  readonly task: string;
  readonly from: number;
  readonly until: number;
}

/** Where the order of switches of two runs parts. */
export interface Divergence {
  readonly cpu: number;
  /** Switches of that CPU that are the same before. */
  readonly same: number;
  /** Instant at which the earlier of the two differs, us. */
  readonly at: number;
  readonly recorded: Spell;
  readonly ours: Spell;
}

/** The first place, over all CPUs, where the orders of switches differ; `null`: nowhere. */
export function firstDivergence(recorded: RecordedRun, ours: RecordedRun): Divergence | null {
  const cpus = new Set([...recorded.events, ...ours.events].filter(e => e[0] === 'switch').map(e => e[2]));
  let first: Divergence | null = null;
  for (const cpu of [...cpus].sort((a, b) => a - b)) {
    const x = spells(recorded, cpu);
    const y = spells(ours, cpu);
    const n = x.findIndex((spell, i) => spell.task !== y[i]?.task);
    const [a, b] = [x[n], y[n]];
    if (a === undefined || b === undefined) continue; // one merely goes on where the other ends
    const at = Math.min(a.from, b.from);
    if (first === null || at < first.at) first = { cpu, same: n, at, recorded: a, ours: b };
  }
  return first;
}

/** Who was on a CPU in what order; foreign threads are nobody, brief spells are left out. */
export function spells(run: RecordedRun, cpu: number): Spell[] {
  const all: Spell[] = [];
  let task = '-';
  let from = 0;
  const close = (until: number): void => {
    if (until - from >= BRIEF_US) all.push({ task, from, until });
  };
  for (const e of run.events) {
    if (e[0] !== 'switch' || e[2] !== cpu) continue;
    const next = String(e[5]).startsWith('~') ? '-' : String(e[5]);
    const t = Math.max(0, e[1]);
    if (next === task || t > run.duration_us) continue;
    close(t);
    task = next;
    from = t;
  }
  close(run.duration_us);
  // Left out in between: the same again is one spell.
  const merged: Spell[] = [];
  for (const spell of all) {
    const last = merged.at(-1);
    if (last?.task === spell.task) merged[merged.length - 1] = { ...last, until: spell.until };
    else merged.push(spell);
  }
  return merged;
}
