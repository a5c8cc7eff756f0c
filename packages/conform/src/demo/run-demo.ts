import { linux } from '@proxysched/preset-linux';
import { createSimulation } from '@proxysched/sim';
import { recordedScenario, type RecordedScenario } from '../recorded-scenario.js';
import type { DemoFile, DemoRun } from './demo-file.js';
import { LockWaitsSink } from './lock-waits-sink.js';

/** Base slice of the recorded kernel, by the CPUs it had: 0.7 ms on one, one more of it for each doubling, up to eight. */
const baseSlice = (cpus: number): number => 700_000 * (1 + Math.floor(Math.log2(Math.min(cpus, 8))));

/** Runs of the model a run of the kernel is compared with. */
const DRAWS = 9;

/**
 * One run of the demo is one draw of many: which task holds the lock when its slice ends hangs on microseconds. So the model runs several times, and
 * each figure is the median of its runs. In each, tasks start up to 0.4 ms later, each by another time, and the board's own timer (`TurnsSpec.beat`)
 * is up to 4 us off, by which it differs from boot to boot in the recordings. The first run is as the file says.
 *
 * On the machine of the recordings. Of the file only what was run is read, never the waits. Throws `ConformError` (C001) when the workload cannot be
 * modelled.
 */
export function runDemo(path: string, file: DemoFile, run: DemoRun): LockWaitsSink[] {
  return Array.from({ length: DRAWS }, (_, draw) => {
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
): RecordedScenario {
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
  const { scenario, generation } = recordedScenario(path, JSON.stringify(recording));
  const { machine } = scenario;
  const beat = machine.turns?.beat ?? null;
  if (beat === null || draw === 0) return { scenario, generation };
  const first = beat.first + ((draw * 1931) % 8001) - 4000;
  return { scenario: { ...scenario, machine: { ...machine, turns: { beat: { ...beat, first } } } }, generation };
}
