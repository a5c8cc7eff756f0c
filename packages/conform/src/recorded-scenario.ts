import type { Scenario } from '@proxysched/core';
import { generationOptions, type GenerationName } from '@proxysched/preset-linux';
import { readWorkload } from '@proxysched/workload';
import { unreadable } from './errors.js';

/** The recorded kernel throws dice before it looks elsewhere for work (NI_RANDOM); runs of one's own are free of them. */
const RECORDED_DIALS = { 'balance.newIdleRandom': true };

/** A scenario and the generation that it is for. */
export interface RecordedScenario {
  readonly scenario: Scenario;
  readonly generation: GenerationName;
}

/**
 * What ran in a recording, as a scenario on the recorded machine. Throws `ConformError` (C001) when it cannot be modelled.
 *
 * @param file name of the recording, for messages.
 * @param text the recording, as stored.
 * @param proxy absent: the generation the recording says.
 */
export function recordedScenario(file: string, text: string, proxy?: GenerationName): RecordedScenario {
  const read = readWorkload(text, { file });
  if (!read.ok)
    throw unreadable(
      file,
      read.diagnostics.map(d => d.message),
    );
  const generation = proxy ?? ((read.proxy ?? '7.3') as GenerationName);
  return {
    scenario: { ...read.scenario, options: { ...generationOptions(generation), ...RECORDED_DIALS, ...read.scenario.options } },
    generation,
  };
}
