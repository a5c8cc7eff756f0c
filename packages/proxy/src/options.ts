import type { OptionList, OptionValue } from '@proxysched/core';

/** The choices in which the generations of proxy execution differ. Each can be set alone. */
export const proxyOptions = {
  'proxy.ownerElsewhere': {
    default: 'migrateOne',
    values: ['migrateOne', 'migrateLine', 'deactivate'],
    about: 'The owner is queued on another CPU: move the last waiter there, or it and all back to the donor, or block classically.',
  },
  'proxy.ownerRunning': {
    default: 'follow',
    values: ['follow', 'stay'],
    about:
      'The chain ends with a task that runs on another CPU and needs no help: its waiters go there all the same; or they leave the queue until it loses its CPU or hands a lock on, and then follow.',
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
    about:
      'A waiter whose lock is free runs at once if it is current, else blocks classically; if it is current or at home, else is woken; wherever it may run.',
  },
  'proxy.elsewhereFirst': {
    default: false,
    about: 'Test "owner on another CPU" before "owner asleep": sleepers are followed to where they last ran.',
  },
  'proxy.handOff': {
    default: 'donor',
    values: ['donor', 'always', 'waiter'],
    about: 'A release with a donor behind the owner names it; every release names someone; or the ordinary rules of the mutex.',
  },
  'proxy.namedKeepReference': {
    default: false,
    about:
      'Who is named by a release refers to the lock until its wake-up, and a walk that comes between finds the owner waiting for itself; or the release takes the reference away, as later series do.',
  },
  'proxy.comeBack': {
    default: 'always',
    values: ['always', 'ifForbidden', 'forced'],
    about:
      'A waiter woken away from home returns with its wake-up; stays where it is unless it may not run there; or stays queued until it is picked, and the scheduler sends it home.',
  },
  'proxy.rwsem': {
    default: false,
    about: 'Waiters of a reader/writer semaphore that is held to write stay queued, as those of a mutex do.',
  },
  'proxy.blockedTest': {
    default: 'isBlocked',
    values: ['isBlocked', 'blockedOn'],
    about: 'Who counts as blocked: whom the scheduler saw block and nobody has woken; or whoever refers to a lock, as before 7.2.',
  },
  'proxy.pushBlocked': {
    default: 'never',
    values: ['never', 'anywhere', 'outsideChain', 'withChain'],
    about:
      'What push and pull of rt and deadline tasks do with blocked contexts: leave them alone; move them by themselves to any CPU; the same, except those whose chain ends with the running task; or move them with their chain, to where its end may run.',
  },
  'proxy.wakeDonorPreempts': {
    default: false,
    about: 'Waking the donor asks for a pick. Linux compares it with itself and sees nothing to preempt.',
  },
  'proxy.lendUntil': {
    default: 'pick',
    values: ['pick', 'release'],
    about: "Who runs in another's name goes on after a release until something else asks for a pick, as Linux; or a release asks for one.",
  },
} as const satisfies OptionList;

/** A row of options with a name that people know (`proxy-execution.md` 2). */
export interface Generation {
  readonly tag: string;
  readonly about: string;
  readonly options: Readonly<Partial<Record<keyof typeof proxyOptions, OptionValue>>>;
}

const V4 = {
  'proxy.ownerElsewhere': 'migrateLine',
  'proxy.ownerAsleep': 'parkLine',
  'proxy.freeLock': 'run',
  'proxy.elsewhereFirst': true,
  'proxy.handOff': 'always',
  'proxy.namedKeepReference': true,
  'proxy.comeBack': 'ifForbidden',
  'proxy.pushBlocked': 'outsideChain',
} as const;

/**
 * Generations by preset name; what a row does not say has its default, which is that of `7.3`. `off` is a row as well: the
 * absence of the module, so that core's classic resolver answers.
 */
export const GENERATIONS = {
  off: { tag: 'G0', about: 'no proxy execution: whoever blocks leaves the queue', options: {} },
  v4: {
    tag: 'G1',
    about: 'the series of June 2023: every release a hand-off, lines migrate and park as a whole',
    options: V4,
  },
  'v4-debug': {
    tag: 'G1h',
    about: 'v4 with its debug aid: more than 50 re-picks in one pass count as a deadlock (deadlock policy `repicks`)',
    options: V4,
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
  '7.1': {
    tag: 'G3',
    about: 'Linux 7.1: donors migrate one by one and are sent home by the scheduler, no hand-off to the donor',
    options: { 'proxy.deactivateWho': 'donor', 'proxy.handOff': 'waiter', 'proxy.comeBack': 'forced' },
  },
  '7.3': {
    tag: 'G4',
    about: 'Linux 7.3: donors migrate one by one, sleeping owners block classically, hand-off to the donor',
    options: {},
  },
  tip: {
    tag: 'G4c',
    about: '7.3 with whole lines migrating (development tree, September 2026)',
    options: { 'proxy.ownerElsewhere': 'migrateLine' },
  },
  full: {
    tag: 'G5',
    about:
      'the full out-of-tree stack: lines migrate, waiters park on sleeping owners, free locks are retaken at home, chains are pushed whole',
    options: {
      'proxy.ownerElsewhere': 'migrateLine',
      'proxy.ownerAsleep': 'park',
      'proxy.freeLock': 'home',
      'proxy.rwsem': true,
      'proxy.pushBlocked': 'withChain',
    },
  },
} as const satisfies Record<string, Generation>;

export type GenerationName = keyof typeof GENERATIONS;
