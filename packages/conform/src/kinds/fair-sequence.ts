import type { Conformance } from '../conformance.js';
import { classLevel } from '../fair/class-level.js';
import { readSequence } from '../fair/sequence.js';
import { simulatorLevel } from '../fair/simulator-level.js';
import { Tally } from '../tally.js';

/**
 * Sequences of the fair class, twice: the log's operations given to the class, every state compared; and the workload run in the
 * machine, every instant compared. Within a workload a level ends at its first difference.
 */
export const fairSequence: Conformance = {
  name: 'fair-sequence',

  recognises: json =>
    typeof json === 'object' &&
    json !== null &&
    ['family', 'ents_columns', 'rqs_columns', 'workloads'].every(key => Object.hasOwn(json, key)),

  run({ path, json }) {
    const file = readSequence(path, json);
    const tally = new Tally();
    const exact = { class: 0, simulator: 0 };
    for (const w of file.workloads) {
      if (classLevel(file, w, tally)) exact.class++;
      if (simulatorLevel(file, w, tally)) exact.simulator++;
    }
    tally.figure('workloads', file.workloads.length);
    tally.figure('exact at class level', exact.class);
    tally.figure('exact at simulator level', exact.simulator);
    return tally.verdict();
  },
};
