export { agreement, inSpan, lockWaits, overlap, responses, shareError, shares, type Agreement, type Judged } from './agreement.js';
export { conformFile } from './conform-file.js';
export type { ConformFile, Conformance, FileResult, Verdict } from './conformance.js';
export { ConformError } from './errors.js';
export { filesBelow } from './files-below.js';
export { KINDS } from './kinds.js';
export type { Figures, RecordedEvent, RecordedRun, Recording, Repeats } from './recorded-run.js';
export { runRecording } from './run-recording.js';
export { Tally } from './tally.js';
