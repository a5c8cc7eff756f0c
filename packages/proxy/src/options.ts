import type { OptionList, OptionValue } from '@proxysched/core';

/** The choices in which the generations of proxy execution differ. Each can be set alone. */
export const proxyOptions = {
  'proxy.ownerElsewhere': {
    default: 'migrateOne',
    values: ['migrateOne', 'migrateLine', 'deactivate'],
    about: 'The owner is queued on another CPU: move the last waiter there, or it and all back to the donor, or block classically.',
  },
  'proxy.ownerAsleep': {
    default: 'deactivate',
    values: ['deactivate', 'park', 'parkLine'],
    about: 'The owner sleeps: block classically, or park the last waiter (or the whole line) on it until it wakes.',
  },
  'proxy.deactivateWho': {
    default: 'waiter',
    values: ['waiter', 'donor'],
    about: 'Who blocks classically when the chain cannot be followed: the last waiter reached, or the donor.',
  },
  'proxy.freeLock': {
    default: 'curr',
    values: ['curr', 'home', 'run'],
    about: 'A waiter whose lock is free runs at once if it is current; if it is current or at home; wherever it may run.',
  },
  'proxy.elsewhereFirst': { default: false, about: 'Test "owner on another CPU" before "owner asleep": sleepers are followed to where they last ran.' },
  'proxy.handOff': {
    default: 'donor',
    values: ['donor', 'always', 'waiter'],
    about: 'A release with a donor behind the owner names it; every release names someone; or the ordinary rules of the mutex.',
  },
  'proxy.comeBack': {
    default: 'always',
    values: ['always', 'ifForbidden'],
    about: 'A waiter woken away from home returns; or stays where it is unless it may not run there.',
  },
  'proxy.wakeDonorPreempts': { default: false, about: 'Waking the donor asks for a pick. Linux compares it with itself and sees nothing to preempt.' },
} as const satisfies OptionList;

/** A row of options with a name that people know (`proxy-execution.md` 2). */
export interface Generation {
  readonly tag: string;
  readonly about: string;
  readonly options: Readonly<Partial<Record<keyof typeof proxyOptions, OptionValue>>>;
}

/**
 * Generations by preset name; what a row does not say has its default, which is that of `7.3`. `off` is a row as well: the
 * absence of the module, so that core's classic resolver answers.
 */
export const GENERATIONS = {
  off: { tag: 'G0', about: 'no proxy execution: whoever blocks leaves the queue', options: {} },
  v4: {
    tag: 'G1',
    about: 'the series of June 2023: every release a hand-off, lines migrate and park as a whole',
    options: {
      'proxy.ownerElsewhere': 'migrateLine',
      'proxy.ownerAsleep': 'parkLine',
      'proxy.freeLock': 'run',
      'proxy.elsewhereFirst': true,
      'proxy.handOff': 'always',
      'proxy.comeBack': 'ifForbidden',
    },
  },
  '6.17': {
    tag: 'G2',
    about: 'Linux 6.17: proxying within one run queue, everything else blocks classically',
    options: {
      'proxy.ownerElsewhere': 'deactivate',
      'proxy.deactivateWho': 'donor',
      'proxy.freeLock': 'run',
      'proxy.handOff': 'waiter',
    },
  },
  '7.3': { tag: 'G4', about: 'Linux 7.3: donors migrate one by one, sleeping owners block classically, hand-off to the donor', options: {} },
} as const satisfies Record<string, Generation>;

export type GenerationName = keyof typeof GENERATIONS;
