export { agreement, inSpan, lockWaits, overlap, responses, shareError, shares, type Agreement, type Judged } from './agreement.js';
export type { Figures, RecordedEvent, RecordedRun, Recording, Repeats } from './recorded-run.js';
export { ConformError } from './errors.js';
export { runRecording } from './run-recording.js';
