import { agreement } from '../agreement.js';
import type { Conformance } from '../conformance.js';
import { firstDivergence } from '../first-divergence.js';
import type { Recording } from '../recorded-run.js';
import { runRecording } from '../run-recording.js';
import { Tally } from '../tally.js';

/** How much worse than the kernel with itself the model may be on a single recording. */
export const OVERLAP_MARGIN = 0.05;
export const SHARE_MARGIN = 0.02;

/**
 * Recordings of a real kernel: the model runs their workload, and is to be nearly as close to the recording as other runs of that
 * kernel are (`repeats`). A recording without `repeats` has nothing to be held against: its figures are reported, and it is judged by
 * whether it runs.
 */
export const recording: Conformance = {
  name: 'recording',

  recognises: json =>
    typeof json === 'object' && json !== null && ['machine', 'duration_us', 'tasks', 'events'].every(key => Object.hasOwn(json, key)),

  run({ path, text, json }) {
    const recorded = json as Recording;
    const run = runRecording(path, text);
    const { overlap, shareError, lockWaits, responses } = agreement(recorded, run);
    const tally = new Tally();
    const { repeats } = recorded;
    if (repeats === undefined) {
      tally.that('runs', run.events.length > 0, () => 'nothing happened');
      tally.notJudged('agreement: the recording has no repeats');
    } else {
      const { overlap_low, share_error_high } = repeats;
      tally.that(
        'agreement',
        overlap >= overlap_low - OVERLAP_MARGIN,
        () => `overlap ${overlap.toFixed(3)}, of the kernel with itself ${overlap_low.toFixed(3)}`,
      );
      tally.that(
        'agreement',
        shareError <= share_error_high + SHARE_MARGIN,
        () => `share error ${shareError.toFixed(3)}, of the kernel with itself ${share_error_high.toFixed(3)}`,
      );
      tally.figure('kernelOverlapLow', overlap_low);
      tally.figure('kernelOverlapMid', repeats.overlap_mid);
      tally.figure('kernelShareError', share_error_high);
      tally.figure('waitTasks', lockWaits.tasks);
      tally.figure('waitsInSpan', lockWaits.inSpan);
      tally.figure('responseTasks', responses.tasks);
      tally.figure('responsesInSpan', responses.inSpan);
    }
    tally.figure('overlap', overlap);
    tally.figure('shareError', shareError);
    const parted = firstDivergence(recorded, run);
    if (parted !== null) {
      tally.figure('sameSwitches', parted.same);
      tally.figure('divergesAtUs', parted.at);
    }
    return tally.verdict();
  },
};
