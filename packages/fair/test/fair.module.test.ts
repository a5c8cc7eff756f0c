import type { Kernel } from '@proxysched/core';
import { KERNEL, OPTIONS, OPTION_LIST, SCHED_CLASS, createContainer, get, getAll, provide } from '@proxysched/kit';
import { fair, fairOptions } from '../src/index.js';

test('the module gives the class and its dials', () => {
  const c = createContainer();
  provide(c, KERNEL, { value: { machine: { cpus: 8, hz: 1000 } } as unknown as Kernel });
  provide(c, OPTIONS, { value: { 'fair.version': '7.2' } });
  fair.register(c);
  expect(get(c, SCHED_CLASS).policies).toEqual(['normal', 'batch', 'idle']);
  expect(getAll(c, OPTION_LIST)).toEqual([fairOptions]);
});
