import type { Verdict } from '../conformance.js';
import { Tally } from '../tally.js';
import { atomsOf, LtlMonitor, type LtlFile } from './ltl.js';

/**
 * Runs the sequences of the file, if it has any. Without, what can be said of the rule itself: a step in which nothing
 * happens keeps it, and some step of at most three atoms breaks it, so that it can be violated at all.
 */
export function judgeLtl(file: LtlFile): Verdict {
  const tally = new Tally();
  const atoms = atomsOf(file);
  for (const atom of Object.keys(file.atoms)) tally.that('atoms', atoms.includes(atom), () => `atom ${atom} is explained, and not used`);
  tally.that('rule', firstViolation(file, [[]]) === null, () => 'the rule is broken by a step in which nothing happens');
  tally.that(
    'rule',
    smallSets(atoms).some(set => firstViolation(file, [set]) === 0),
    () => 'no step of three atoms breaks the rule',
  );
  file.traces?.accept.forEach((trace, i) => tally.equal('accept', `accept[${i}]`, null, firstViolation(file, trace)));
  file.traces?.reject.forEach((trace, i) => tally.equal('reject', `reject[${i}]`, trace.length - 1, firstViolation(file, trace)));
  return tally.verdict();
}

function firstViolation(file: LtlFile, trace: readonly (readonly string[])[]): number | null {
  const monitor = new LtlMonitor(file);
  const at = trace.findIndex(step => !monitor.step(new Set(step)));
  return at < 0 ? null : at;
}

/** All sets of one to three atoms. */
function smallSets(atoms: readonly string[]): string[][] {
  return atoms.flatMap((a, i) => [[a], ...atoms.slice(i + 1).flatMap((b, j) => [[a, b], ...atoms.slice(i + j + 2).map(c => [a, b, c])])]);
}
