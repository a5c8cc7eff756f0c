import * as errors from './errors.js';
import type { Report } from './report.js';
import type { RtEvent, RtTask, RtWorkload } from './rtapp-workload.js';
import type { Span } from './source.js';

export type SuspendDialect = 'auto' | 'by-string' | 'own-name';

/**
 * The name a task suspends under. Up to 2025-05 rt-app took the string; since then the task's own name. `auto` takes the
 * string: where it is empty or the task's name anyway, the two agree.
 */
export function suspendName(task: RtTask, event: RtEvent, dialect: SuspendDialect): string {
  return dialect === 'own-name' || event.name === '' ? task.name : event.name;
}

/** What a workload says that can hardly be meant, before anything is compiled. */
export function lintRtWorkload(workload: RtWorkload, dialect: SuspendDialect, report: Report): void {
  const uses = workload.tasks.flatMap(task => task.phases.flatMap(phase => phase.events.map(event => ({ task, event }))));
  const of = (...names: string[]): typeof uses => uses.filter(u => names.includes(u.event.event));
  const suspends = of('suspend').map(u => ({ ...u, name: suspendName(u.task, u.event, dialect) }));

  if (dialect === 'auto') {
    const depend = suspends.filter(s => s.name !== s.task.name).map(s => ({ task: s.task.name, name: s.name }));
    const once = depend.filter((d, i) => depend.findIndex(e => e.task === d.task && e.name === d.name) === i);
    if (once.length > 0) report.add(errors.suspendDialect(once), null);
  }
  // What could not be read may be what is missed here.
  const whole = workload.unread.length === 0 && workload.tasks.every(t => t.whole.events);
  const suspended = new Set(suspends.map(s => s.name));
  for (const { task, event } of of('resume')) {
    if (suspended.has(event.name) || !whole) continue;
    const inText = [
      ...new Set(
        of('suspend')
          .filter(u => u.event.name === event.name)
          .map(u => u.task.name),
      ),
    ];
    const isTask = suspends.some(s => s.task.name === event.name);
    report.add(errors.resumeWithoutSuspend(task.name, event.name, { dialect, inText, isTask, suspended: [...suspended] }), event.at);
  }
  const waited = new Set([...of('wait', 'sync').map(u => u.event.name), ...suspended]);
  for (const { event } of of('signal', 'broad'))
    if (!waited.has(event.name) && whole) report.add(errors.nobodyWaits(event.name, [...waited]), event.at);

  lintForks(workload, of('fork'), whole, report);
  lintBarriers(of('barrier'), forkedNames(of('fork')), report);
  lintTimers(of('timer'), report);
}

const forkedNames = (forks: readonly Use[]): Set<string> => new Set(forks.map(f => f.event.name));

interface Use {
  readonly task: RtTask;
  readonly event: RtEvent;
}

function lintForks(workload: RtWorkload, forks: readonly Use[], whole: boolean, report: Report): void {
  const names = [...workload.tasks.map(t => t.name), ...workload.unread];
  for (const { event } of forks) if (!names.includes(event.name)) report.add(errors.forkUnknown(event.name, names), event.at);
  const forked = forkedNames(forks);
  for (const task of workload.tasks) {
    if (task.instances === 0 && !forked.has(task.name) && whole) report.add(errors.templateUnused(task.name), task.at);
    if (!forked.has(task.name)) continue;
    if (task.delay > 0) report.add(errors.forkDelay(task.name), task.at);
    const timer = task.phases.flatMap(p => p.events).find(e => e.event === 'timer' && e.name.startsWith('unique'));
    if (timer !== undefined) report.add(errors.sharedForkTimer(task.name), timer.at);
  }
  if (workload.unread.length === 0 && workload.tasks.length > 0 && workload.tasks.every(t => t.instances === 0))
    report.add(errors.noTasks(), workload.tasks[0]!.at);
}

function lintBarriers(uses: readonly Use[], forked: ReadonlySet<string>, report: Report): void {
  const seen = new Set<string>();
  for (const { task, event } of uses) {
    const key = JSON.stringify([task.name, event.name]);
    if (seen.has(key)) report.add(errors.barrierTwice(event.name, task.name), event.at);
    seen.add(key);
    if (forked.has(task.name)) report.add(errors.barrierFork(event.name, task.name), event.at);
  }
}

function lintTimers(uses: readonly Use[], report: Report): void {
  const users = new Map<string, { tasks: Set<string>; at: Span }>();
  for (const { task, event } of uses) {
    if (event.name.startsWith('unique')) continue;
    const user = users.get(event.name) ?? { tasks: new Set<string>(), at: event.at };
    users.set(event.name, user);
    user.tasks.add(task.instances > 1 ? `${task.name} (${task.instances} instances)` : task.name);
  }
  for (const [name, { tasks, at }] of users) {
    if (tasks.size > 1 || [...tasks].some(t => t.endsWith(' instances)'))) report.add(errors.sharedTimer(name, [...tasks]), at);
  }
}
