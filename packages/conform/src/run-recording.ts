import type { Probe } from '@proxysched/core';
import { linux, type GenerationName } from '@proxysched/preset-linux';
import { createSimulation } from '@proxysched/sim';
import { ColumnSink, exportRecording } from '@proxysched/trace';
import { recordedScenario } from './recorded-scenario.js';
import type { RecordedRun, Recording } from './recorded-run.js';

/** How a recording is run: as it says, unless this says otherwise. */
export interface RunRecordingOptions {
  readonly proxy?: GenerationName;
  /** Called after each event. */
  readonly probe?: Probe;
}

/**
 * The workload of a recording, run in the model and given in the recording's own form. Only `tasks`, `cgroups`, the machine
 * and the duration are read, never the events. Throws `ConformError` (C001) when the workload cannot be modelled.
 *
 * @param text the recording, as stored.
 */
export function runRecording(file: string, text: string, { proxy, probe }: RunRecordingOptions = {}): RecordedRun {
  const { scenario, generation } = recordedScenario(file, text, proxy);
  const columns = new ColumnSink();
  createSimulation(scenario, linux(generation), [columns]).run(probe);
  const { id, about, machine, cgroups, tasks, duration_us } = JSON.parse(text) as Recording;
  // Our own writer's form is the one that agreement reads; the types differ only in how much they promise.
  return exportRecording(columns, {
    id,
    about: about ?? '',
    machine: machine ?? null,
    cgroups: cgroups ?? [],
    tasks,
    durationUs: duration_us,
  }) as RecordedRun;
}
