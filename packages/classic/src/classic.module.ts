import { add, BALANCER, defineModule, get, KERNEL, LOCK_RULES, SCHED_CLASS, token, type SimModule } from '@proxysched/kit';
import { Global } from './global.js';
import { FirstCome, MostImportant } from './hand-over.js';
import { deadline, priority, type KeyOf } from './keys.js';
import { Partitioned } from './partitioned.js';
import { PriorityInheritance } from './priority-inheritance.js';

const partitioned = (name: string, keyOf: KeyOf): SimModule =>
  defineModule({
    name,
    register: c => add(c, SCHED_CLASS, { factory: from => new Partitioned(name, get(from, KERNEL), keyOf) }),
  });

const global = (name: string, keyOf: KeyOf): SimModule => {
  const both = token<Global>(name);
  return defineModule({
    name,
    register: c => {
      add(c, both, { factory: from => new Global(name, get(from, KERNEL), keyOf) });
      add(c, SCHED_CLASS, { factory: from => get(from, both) });
      add(c, BALANCER, { factory: from => get(from, both) });
    },
  });
};

/** The four classes, each a module, by name: partitioned or global, fixed priority or earliest deadline first. */
export const CLASSIC_CLASSES = {
  pfp: partitioned('pfp', priority),
  pedf: partitioned('pedf', deadline),
  gfp: global('gfp', priority),
  gedf: global('gedf', deadline),
} as const;

export type ClassicClass = keyof typeof CLASSIC_CLASSES;

/** Mutexes of the kinds `fifo`, `prio` and `pip`: handed over at the release, to the first or to the most important waiter. */
export const handOver: SimModule = defineModule({
  name: 'hand-over',
  register: c => {
    add(c, LOCK_RULES, { value: new FirstCome() });
    add(c, LOCK_RULES, { factory: from => new MostImportant(get(from, KERNEL)) });
    add(c, LOCK_RULES, { factory: from => new PriorityInheritance(get(from, KERNEL)) });
  },
});
