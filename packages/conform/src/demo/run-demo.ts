import { generationOptions, linux } from '@proxysched/preset-linux';
import { createSimulation } from '@proxysched/sim';
import { readWorkload } from '@proxysched/workload';
import type { GenerationName } from '@proxysched/preset-linux';
import { unreadable } from '../errors.js';
import type { DemoFile, DemoRun } from './demo-file.js';
import { LockWaitsSink } from './lock-waits-sink.js';

/** Base slice of the recorded kernel, by the CPUs it had: 0.7 ms on one, one more of it for each doubling, up to eight. */
export const baseSlice = (cpus: number): number => 700_000 * (1 + Math.floor(Math.log2(Math.min(cpus, 8))));

/**
 * One run of the demo in the model, on the machine of the recordings. Of the file only what was run is read, never the waits. Throws
 * `ConformError` (C001) when the workload cannot be modelled.
 */
export function runDemo(
  path: string,
  { duration_us, cgroups }: DemoFile,
  { permutation, cpus, proxy_exec, tasks }: DemoRun,
): LockWaitsSink {
  const config = { proxy_exec, hz: 1000, hrtick: true, cpus, base_slice_ns: baseSlice(cpus), tick_phase_us: 0 };
  const recording = {
    id: permutation,
    machine: { config },
    duration_us,
    cgroups,
    tasks: tasks.map(task => ({ ...task, cgroup: (task as { cgroup?: string | null }).cgroup ?? undefined })),
  };
  const read = readWorkload(JSON.stringify(recording), { file: path });
  if (!read.ok)
    throw unreadable(
      path,
      read.diagnostics.map(d => d.message),
    );
  const generation = (read.proxy ?? '7.3') as GenerationName;
  const sink = new LockWaitsSink();
  const scenario = { ...read.scenario, options: { ...generationOptions(generation), ...read.scenario.options } };
  createSimulation(scenario, linux(generation), [sink]).run();
  return sink;
}
