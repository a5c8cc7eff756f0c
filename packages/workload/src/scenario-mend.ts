import { MAX_CPUS } from './limits.js';
import { put, valueAt, type Path } from './mend.js';
import { fieldsAt } from './scenario-schema.js';
import type { Issue } from './schema-issues.js';
import { suggest } from './suggest.js';

/** What was taken out of a scenario, and must not be missed by what is left. */
export class Gaps {
  /** Not all groups are known. */
  groups = false;
  /** Not all templates are known. */
  templates = false;
  /** Tasks, by number, whose program is not all there. */
  readonly programs = new Set<number>();
  /** Tasks that have nobody knows how many instances. */
  readonly instances = new Set<number>();
}

/** Of a group: one does not make sense without the others. */
const LIMIT: readonly PropertyKey[] = ['quota', 'period', 'burst'];
/** A step that takes time and does nothing else: a loop does not become endless by it. */
const HARMLESS = { run: '1ms' };
/** Steps that others of their program depend on. */
const LOCKING: readonly PropertyKey[] = ['lock', 'lockIo', 'readLock', 'unlock', 'wait', 'repeat', 'transaction', 'try', 'lockAll'];
/** With these no CPU is out of range, and time passes in every loop that makes a call. */
const ANY_COSTS = { lockOp: '1us', sysCall: '1us' };

export function mendScenario(plain: unknown, issue: Issue | { readonly path: Path }, gaps: Gaps): void {
  if (!('code' in issue) || issue.code !== 'unrecognized_keys') return mendAt(plain, issue.path, gaps);
  const known = fieldsAt(issue.path);
  for (const key of issue.keys) {
    put(plain, [...issue.path, key], undefined);
    // What it was meant as is as good as there, and wrong.
    const meant = suggest(key, known);
    if (meant !== undefined && valueAt(plain, [...issue.path, meant]) === undefined) mendAt(plain, [...issue.path, meant], gaps);
  }
}

/** The smallest part that can do without what is at the path. */
function mendAt(plain: unknown, path: Path, gaps: Gaps): void {
  const [field, , part] = path;
  switch (field) {
    case 'version':
      return put(plain, ['version'], 1);
    case 'until':
      return put(plain, ['until'], '1s');
    case 'machine':
      return mendMachine(plain, path);
    case 'tasks':
      return mendTask(plain, path, gaps);
    case 'groups':
      if (part === 'weight' || part === 'parent') return put(plain, path.slice(0, 3), undefined);
      if (part !== undefined && LIMIT.includes(part)) return LIMIT.forEach(p => put(plain, [...path.slice(0, 2), p], undefined));
      gaps.groups = true;
      return put(plain, ['groups'], undefined);
    case 'barriers':
    case 'semaphores':
      if (part === 'count' || part === 'initial') return put(plain, path.slice(0, 3), 1);
      return put(plain, [field], undefined);
    case 'options':
      return put(plain, path.slice(0, 2), undefined);
    default:
      // A list of names without one of them is no list to hold the others to.
      if (field !== undefined) put(plain, [field], undefined);
  }
}

function mendMachine(plain: unknown, path: Path): void {
  const part = path[1];
  if (part === undefined) put(plain, ['machine'], { cpus: MAX_CPUS, costs: ANY_COSTS });
  else put(plain, ['machine', part], part === 'cpus' ? MAX_CPUS : part === 'costs' ? ANY_COSTS : undefined);
  if (part === 'topology') put(plain, ['machine', 'cpus'], MAX_CPUS);
}

function mendTask(plain: unknown, path: Path, gaps: Gaps): void {
  const [, index, part] = path;
  if (typeof index !== 'number') {
    gaps.templates = true;
    const tasks = valueAt(plain, ['tasks']);
    if (!Array.isArray(tasks) || tasks.length === 0) put(plain, ['tasks'], [unknownTask(0)]);
    return;
  }
  if (part === 'program') return mendProgram(plain, path, index, gaps);
  // A fork may mean this one.
  if (part === undefined || part === 'name' || part === 'template' || part === 'instances') gaps.templates = true;
  if (part === 'instances') gaps.instances.add(index);
  if (part === undefined) put(plain, ['tasks', index], unknownTask(index));
  else put(plain, ['tasks', index, part], part === 'name' ? unknownTask(index).name : undefined);
}

const unknownTask = (index: number): { name: string; program: unknown[] } => ({ name: `task[${index}]`, program: [] });

/** Where the step within the step at `end` ends; 0 when the path does not go on to one. */
function innerStep(path: Path, end: number): number {
  const [what, part] = path.slice(end);
  if (what === 'transaction') return typeof path[end + 1] === 'number' ? end + 2 : 0;
  const list = ((what === 'repeat' || what === 'lockAll') && part === 'do') || (what === 'try' && (part === 'do' || part === 'else'));
  return list && typeof path[end + 2] === 'number' ? end + 3 : 0;
}

function mendProgram(plain: unknown, path: Path, index: number, gaps: Gaps): void {
  let end = 4;
  if (typeof path[3] !== 'number') {
    gaps.programs.add(index);
    return put(plain, path.slice(0, 3), []);
  }
  for (let inner = innerStep(path, end); inner > 0; inner = innerStep(path, end)) end = inner;
  const step = path.slice(0, end);
  const [what, part] = path.slice(end);
  if (what === undefined || LOCKING.includes(what)) gaps.programs.add(index);
  if (what === 'repeat' && part === 'times') put(plain, [...step, what, part], 1);
  else if (what === 'repeat' && part === 'do') put(plain, [...step, what, part], []);
  else put(plain, step, HARMLESS);
}
