import type { Scenario } from '@proxysched/core';
import { generationOptions, linux } from '@proxysched/preset-linux';
import { createSimulation } from '@proxysched/sim';
import { readWorkload } from '@proxysched/workload';
import type { GenerationName } from '@proxysched/preset-linux';
import { unreadable } from '../errors.js';
import { RECORDED_DIALS } from '../run-recording.js';
import type { DemoFile, DemoRun } from './demo-file.js';
import { LockWaitsSink } from './lock-waits-sink.js';

/** Base slice of the recorded kernel, by the CPUs it had: 0.7 ms on one, one more of it for each doubling, up to eight. */
export const baseSlice = (cpus: number): number => 700_000 * (1 + Math.floor(Math.log2(Math.min(cpus, 8))));

/** Runs of the model a run of the kernel is compared with. */
export const DEMO_DRAWS = 9;

/**
 * One run of the demo is one draw of many: which task holds the lock when its slice ends hangs on microseconds. So the model runs several times, and
 * each figure is the median of its runs. In each, tasks start up to 0.4 ms later, each by another time, and the board's own timer (`TurnsSpec.beat`)
 * is up to 4 us off, by which it differs from boot to boot in the recordings. The first run is as the file says.
 *
 * On the machine of the recordings. Of the file only what was run is read, never the waits. Throws `ConformError` (C001) when the workload cannot be
 * modelled.
 */
export function runDemo(path: string, file: DemoFile, run: DemoRun, draws = DEMO_DRAWS): LockWaitsSink[] {
  return Array.from({ length: draws }, (_, draw) => {
    const sink = new LockWaitsSink();
    const { scenario, generation } = demoScenario(path, file, run, draw);
    createSimulation(scenario, linux(generation), [sink]).run();
    return sink;
  });
}

function demoScenario(
  path: string,
  { duration_us, cgroups }: DemoFile,
  { permutation, cpus, proxy_exec, tasks }: DemoRun,
  draw: number,
): { scenario: Scenario; generation: GenerationName } {
  const config = { proxy_exec, hz: 1000, hrtick: true, cpus, base_slice_ns: baseSlice(cpus), tick_phase_us: 0 };
  const recording = {
    id: permutation,
    machine: { config },
    duration_us,
    cgroups,
    tasks: tasks.map((task, i) => ({
      ...task,
      start_us: (task.start_us ?? 0) + ((draw * (37 + 53 * i)) % 401),
      cgroup: (task as { cgroup?: string | null }).cgroup ?? undefined,
    })),
  };
  const read = readWorkload(JSON.stringify(recording), { file: path });
  if (!read.ok)
    throw unreadable(
      path,
      read.diagnostics.map(d => d.message),
    );
  const generation = (read.proxy ?? '7.3') as GenerationName;
  const { machine, options } = read.scenario;
  const beat = machine.turns?.beat ?? null;
  const moved = draw === 0 ? 0 : ((draw * 1931) % 8001) - 4000;
  const turns = beat === null ? {} : { turns: { beat: { ...beat, first: beat.first + moved } } };
  return {
    scenario: {
      ...read.scenario,
      machine: { ...machine, ...turns },
      options: { ...generationOptions(generation), ...RECORDED_DIALS, ...options },
    },
    generation,
  };
}
