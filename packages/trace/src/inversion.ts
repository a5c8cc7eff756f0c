import { READY, type Replay } from './replay.js';

/** Is waiter `w` inverted at this instant, by the definition of `Totals.inversion`? */
export function isInverted(replay: Replay, urgency: Int32Array, w: number): boolean {
  const end = replay.chainEnd(w);
  if (end === 0 || end === w || replay.state[end] !== READY) return false;
  const cpu = replay.cpu[end]!;
  const curr = replay.curr[cpu]!;
  const donor = replay.donor[cpu]!;
  if (curr === 0 || urgency[donor]! <= urgency[w]!) return false;
  return !replay.inChain(w, donor) && !replay.inChain(w, curr);
}
