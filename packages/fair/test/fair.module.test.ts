import type { Kernel } from '@proxysched/core';
import { KERNEL, OPTIONS, OPTION_LIST, SCHED_CLASS, createContainer, get, getAll, provide } from '@proxysched/kit';
import { CfsClass, FairClass, cfsOptions, fair, fairOptions } from '../src/index.js';

function built(version: string) {
  const c = createContainer();
  provide(c, KERNEL, { value: { machine: { cpus: 8, hz: 1000 }, groups: [] } as unknown as Kernel });
  provide(c, OPTIONS, { value: { 'fair.version': version } });
  fair.register(c);
  return { cls: get(c, SCHED_CLASS), dials: getAll(c, OPTION_LIST) };
}

test('the module gives the class and its dials', () => {
  const { cls, dials } = built('7.2');
  expect(cls).toBeInstanceOf(FairClass);
  expect(cls.policies).toEqual(['normal', 'batch', 'idle']);
  expect(dials).toEqual([fairOptions, cfsOptions]);
});

test('version 6.1 is classic CFS', () => {
  const { cls } = built('6.1');
  expect(cls).toBeInstanceOf(CfsClass);
  expect(cls.policies).toEqual(['normal', 'batch', 'idle']);
});
