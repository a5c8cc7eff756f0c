import { MAX_CPUS } from './limits.js';
import { put, valueAt, type Path } from './mend.js';

/** What was taken out of a recording, and must not be missed by what is left. */
export class RecordingGaps {
  /** Not all groups are known. */
  groups = false;
  /** Tasks, by number, whose operations are not all there, or not so often. */
  readonly programs = new Set<number>();
}

/** Fields of a task that mean something only together. */
const POLICY: readonly PropertyKey[] = ['policy', 'prio', 'runtime_us', 'deadline_us', 'period_us'];
const TIMED: readonly unknown[] = ['run', 'sleep', 'period'];

/** The smallest part that can do without what is at the path. */
export function mendRecording(plain: unknown, path: Path, gaps: RecordingGaps): void {
  const [field, , part] = path;
  if (field === 'tasks') mendTask(plain, path, gaps);
  else if (field === 'machine') mendMachine(plain, path);
  else if (field === 'cgroups') {
    if (part === 'weight') return put(plain, path, 100);
    gaps.groups = true;
    put(plain, ['cgroups'], undefined);
  } else if (field !== undefined) put(plain, [field], field === 'duration_us' ? 1 : undefined);
}

function mendMachine(plain: unknown, path: Path): void {
  const [, config, part] = path;
  if (config === undefined || part === undefined) put(plain, ['machine'], { config: { hz: 1, cpus: MAX_CPUS } });
  else put(plain, path.slice(0, 3), part === 'cpus' ? MAX_CPUS : part === 'hz' ? 1 : undefined);
  // A phase is right or wrong for a given tick only.
  if (part === 'hz') put(plain, [...path.slice(0, 2), 'tick_phase_us'], undefined);
}

function mendTask(plain: unknown, path: Path, gaps: RecordingGaps): void {
  const [, index, part, op] = path;
  if (typeof index !== 'number') return put(plain, ['tasks'], []);
  const task = path.slice(0, 2);
  if (part === undefined) put(plain, task, { name: `task[${index}]`, policy: 'fair', ops: [] });
  else if (part === 'name') put(plain, [...task, part], `task[${index}]`);
  else if (part === 'ops' && typeof op === 'number') {
    const at = path.slice(0, 4);
    if (path[4] === 1 && TIMED.includes(valueAt(plain, [...at, 0]))) return put(plain, [...at, 1], 1);
    gaps.programs.add(index);
    put(plain, at, ['run', 1]);
  } else if (part === 'ops') put(plain, [...task, part], []);
  else if (POLICY.includes(part)) {
    for (const key of POLICY) put(plain, [...task, key], key === 'policy' ? 'fair' : undefined);
  } else {
    if (part === 'loops') gaps.programs.add(index);
    put(plain, [...task, part], undefined);
  }
}
