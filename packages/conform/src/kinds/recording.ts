import { agreement } from '../agreement.js';
import type { Conformance } from '../conformance.js';
import type { Recording } from '../recorded-run.js';
import { runRecording } from '../run-recording.js';
import { Tally } from '../tally.js';

/** Recordings of a real kernel: the model runs their workload and must be as close as another run of that kernel is. */
export const recording: Conformance = {
  name: 'recording',

  recognises: json =>
    typeof json === 'object' &&
    json !== null &&
    ['machine', 'duration_us', 'tasks', 'events', 'repeats'].every(key => Object.hasOwn(json, key)),

  run({ path, text, json }) {
    const recorded = json as Recording & Required<Pick<Recording, 'repeats'>>;
    const { overlap, shareError, lockWaits, responses } = agreement(recorded, runRecording(path, text));
    const { overlap_low, share_error_high } = recorded.repeats;
    const tally = new Tally();
    tally.that('overlap', overlap >= overlap_low, () => `overlap ${overlap.toFixed(4)}, of the kernel with itself ${overlap_low}`);
    tally.that(
      'shareError',
      shareError <= share_error_high,
      () => `share error ${shareError.toFixed(4)}, of the kernel ${share_error_high}`,
    );
    for (const [what, { tasks, inSpan }] of Object.entries({ lockWaits, responses }))
      for (let i = 0; i < tasks; i++)
        tally.that(what, i < inSpan, () => `${what}: ${inSpan} of ${tasks} tasks within the kernel's own span`);
    tally.figure('overlap', overlap);
    tally.figure('shareError', shareError);
    return tally.verdict();
  },
};
