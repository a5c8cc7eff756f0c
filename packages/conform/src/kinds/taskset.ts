import { hasSchema, type Conformance } from '../conformance.js';
import { judgeTaskset } from '../tasksets/judge-taskset.js';
import { readTaskset } from '../tasksets/taskset-file.js';

/** Task sets with published or computed results, run in the real classes and held against the theory. */
export const taskset: Conformance = {
  name: 'taskset',
  recognises: json => hasSchema(json, 'taskset/1'),
  run: ({ path, json }) => judgeTaskset(readTaskset(path, json)),
};
