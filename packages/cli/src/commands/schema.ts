import { scenarioJsonSchema } from '@proxysched/workload';
import type { Io } from '../io.js';

/** Prints the JSON Schema of the scenario format, made from what the validator itself reads. */
export function schema(io: Io): void {
  io.stdout.write(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
}
