import type { Tally } from '../tally.js';
import type { Observation } from './run-taskset.js';
import type { Rules } from './rules.js';
import type { TasksetFile } from './taskset-file.js';
import type { TimeScale } from './time-scale.js';

/** One set of expectations: of the whole file, or of a protocol in it. */
export interface Scope {
  readonly file: TasksetFile;
  readonly rules: Rules;
  readonly scale: TimeScale;
  readonly tally: Tally;
  readonly expect: Readonly<Record<string, unknown>>;
  /** In front of every place: `PIP.`, or empty. */
  readonly label: string;
  /** Up to here, in the file's unit, the file speaks about the run; what happens later is not judged. */
  readonly horizon: number;
}

/** A judge of one key that needs the run. */
export type RunJudge = (value: unknown, seen: Observation, scope: Scope) => void;

/** A judge of one key by theory; also holds the run, if there is one, against the bounds. */
export type TheoryJudge = (value: unknown, scope: Scope, seen: Observation | null) => void;
