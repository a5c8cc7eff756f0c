import type { Task, TraceSink } from '@proxysched/core';
import { Script } from './script.js';

/** Many short stretches: `tasks` tasks (at least one more than CPUs) take turns on `cpus` CPUs, each pass in another's name. */
export function storm(cpus: number, tasks: number, passes: number, sinks: readonly TraceSink[]): void {
  const s = new Script(cpus, sinks);
  const all = Array.from({ length: tasks }, (_, i) => s.task(`t${i}`, { kind: 'normal', nice: 0 }, { cpu: i % cpus }));
  const locks = Array.from({ length: Math.ceil(tasks / 2) }, (_, i) => s.mutex(`m${i}`));
  s.begin();
  for (const p of all) s.release(p);
  // An integer generator: the same storm every time.
  let state = 1;
  const draw = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % n;
  };
  const running: (Task | null)[] = Array.from({ length: cpus }, () => null);
  for (let pass = 0; pass < passes; pass++) {
    const cpu = draw(cpus);
    s.at(pass * 0.001);
    const mine = all.filter(p => p.pid % cpus === cpu);
    const next = mine[draw(mine.length)]!;
    if (running[cpu] !== next) s.run(cpu, next);
    running[cpu] = next;
    const m = locks[next.pid % locks.length]!;
    if (m.owner === null) s.lock(next, m);
    else if (m.owner === next) s.unlock(next, m, null);
  }
  s.end();
}
