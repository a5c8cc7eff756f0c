/** Every row of the chain walk (`proxy-execution.md` 7 and 24) by itself: what the walk answers, and that it only answers. */
import { readOptions, type ChainOutcome, type CpuId, type RunQueue, type Task } from '@proxysched/core';
import { machineOf, scenarioOf } from '@proxysched/core/test-kit';
import { ChainWalker, GENERATIONS, proxyOptions, type GenerationName, type WalkRules } from '../src/index.js';

/** Two CPUs, tasks queued on CPU 0 by hand; lock i is for the tests to give. */
function setting() {
  const { machine, task } = machineOf(
    scenarioOf({ cpus: 2, mutexes: 4, tasks: { d: { ops: [] }, b: { ops: [] }, a: { ops: [] }, x: { ops: [] } } }),
  );
  const rq = machine.rqs[0]!;
  for (const p of machine.tasks) Object.assign(p, { state: 'running', onRq: 'queued', cpu: 0, wakeCpu: 0 });
  const waits = (p: Task, lock: number, owner: Task | null): void => {
    const m = machine.mutexes[lock]!;
    m.owner = owner;
    m.addWaiter(p);
    Object.assign(p, { state: 'blocked', isBlocked: true, blockedOn: m });
  };
  return { machine, rq, waits, d: task('d'), b: task('b'), a: task('a'), x: task('x') };
}

type Setting = ReturnType<typeof setting>;

function walk(name: GenerationName, rq: RunQueue, donor: Task): string {
  const o = readOptions(proxyOptions, GENERATIONS[name].options);
  const walker = new ChainWalker({
    freeLock: o['proxy.freeLock'],
    elsewhereFirst: o['proxy.elsewhereFirst'],
    ownerElsewhere: o['proxy.ownerElsewhere'],
    ownerAsleep: o['proxy.ownerAsleep'],
    blockedTest: o['proxy.blockedTest'],
    comeBack: o['proxy.comeBack'],
  });
  return say(walker.walk(rq, donor));
}

function say(o: ChainOutcome): string {
  switch (o.kind) {
    case 'run':
    case 'retake':
      return `${o.kind} ${o.task.comm} at ${o.depth}`;
    case 'deactivate':
      return `deactivate ${o.task.comm}, ${o.why}`;
    case 'migrate':
      return `migrate ${o.task.comm} to ${o.to}`;
    case 'park':
      return `park ${o.task.comm} on ${o.owner.comm}`;
    case 'wake':
    case 'return':
      return `${o.kind} ${o.task.comm}`;
    case 'idle':
    case 'repick':
      return `${o.kind}, ${o.why}`;
    case 'deadlock':
      return `deadlock ${o.cycle.map(p => p.comm).join(' ')}`;
  }
}

const chain = ({ waits, d, b, a }: Setting): void => {
  waits(d, 0, b);
  waits(b, 1, a);
};

const NAMES = ['v4', '6.17', '7.1', '7.3', 'tip', 'full'] as const;

/** What each generation answers; one string: all of them. `v4-debug` walks as `v4` does. */
type Answers = string | Readonly<Record<(typeof NAMES)[number], string>>;

/** The owner is off its queue, or only its dequeue is delayed; and the same with current among the waiters. */
const ASLEEP: Answers = {
  v4: 'park b on a',
  '6.17': 'deactivate b, ownerAsleep',
  '7.1': 'deactivate b, ownerAsleep',
  '7.3': 'deactivate b, ownerAsleep',
  tip: 'deactivate b, ownerAsleep',
  full: 'park b on a',
};
const ASLEEP_BEHIND_CURR: Answers = {
  v4: 'idle, currInChain',
  '6.17': 'deactivate b, ownerAsleep',
  '7.1': 'idle, currInChain',
  '7.3': 'idle, currInChain',
  tip: 'idle, currInChain',
  full: 'idle, currInChain',
};

type Row = [what: string, arrange: (s: Setting) => void, answers: Answers];

test.each<Row>([
  ['the end of the chain can run here', chain, 'run a at 2'],
  ['a pick that is not blocked ends it at once', () => undefined, 'run d at 0'],
  [
    'an owner that waits for a lock but has not blocked is awake (I4)',
    s => {
      chain(s);
      s.b.isBlocked = false;
    },
    'run b at 1',
  ],
  [
    '1: the lock is gone, a wake-up is coming',
    s => {
      chain(s);
      s.b.blockedOn = null;
    },
    {
      v4: 'deactivate b, noLock',
      '6.17': 'deactivate b, noLock',
      '7.1': 'return b',
      '7.3': 'deactivate b, noLock',
      tip: 'deactivate b, noLock',
      full: 'deactivate b, noLock',
    },
  ],
  [
    '1: the lock is gone, and the waiter is current',
    s => {
      chain(s);
      s.b.blockedOn = null;
      s.rq.curr = s.b;
    },
    'retake b at 1',
  ],
  [
    '3/4: the lock has no owner',
    s => s.waits(s.d, 0, null),
    {
      v4: 'retake d at 0',
      '6.17': 'retake d at 0',
      '7.1': 'return d',
      '7.3': 'deactivate d, noOwner',
      tip: 'deactivate d, noOwner',
      full: 'retake d at 0',
    },
  ],
  [
    '3/4: the lock has no owner and the waiter is current',
    s => {
      s.waits(s.d, 0, null);
      s.rq.curr = s.d;
    },
    'retake d at 0',
  ],
  [
    '3/4: the lock has no owner and the waiter may not run here',
    s => {
      s.waits(s.d, 0, null);
      s.d.wakeCpu = 1 as CpuId;
      s.d.exec.cpusAllowed.delete(0 as CpuId);
    },
    {
      v4: 'deactivate d, noOwner',
      '6.17': 'deactivate d, noOwner',
      '7.1': 'return d',
      '7.3': 'deactivate d, noOwner',
      tip: 'deactivate d, noOwner',
      full: 'wake d',
    },
  ],
  [
    '3/4: the lock has no owner and the waiter is away, where it might run',
    s => {
      s.waits(s.d, 0, null);
      s.d.wakeCpu = 1 as CpuId;
    },
    {
      v4: 'retake d at 0',
      '6.17': 'retake d at 0',
      '7.1': 'return d',
      '7.3': 'deactivate d, noOwner',
      tip: 'deactivate d, noOwner',
      full: 'wake d',
    },
  ],
  [
    '4: the lock that has no owner is in the middle of the chain: its waiter, not the pick, may have it',
    s => {
      s.waits(s.d, 0, s.b);
      s.waits(s.b, 1, null);
    },
    {
      v4: 'retake b at 1',
      '6.17': 'retake b at 1',
      '7.1': 'return b',
      '7.3': 'deactivate b, noOwner',
      tip: 'deactivate b, noOwner',
      full: 'retake b at 1',
    },
  ],
  [
    '5 before 6, but for v4: the owner sleeps elsewhere and current is in the chain',
    s => {
      chain(s);
      Object.assign(s.a, { onRq: 'no', cpu: 1 });
      s.rq.curr = s.b;
    },
    ASLEEP_BEHIND_CURR,
  ],
  [
    '6 before 7: the owner is on its way to another CPU',
    s => {
      chain(s);
      Object.assign(s.a, { onRq: 'migrating', cpu: 1 });
    },
    {
      v4: 'migrate b to 1',
      '6.17': 'deactivate b, ownerElsewhere',
      '7.1': 'migrate b to 1',
      '7.3': 'migrate b to 1',
      tip: 'migrate b to 1',
      full: 'migrate b to 1',
    },
  ],
  [
    '9 before 5 and 6: named, and its wake-up will find it elsewhere',
    s => {
      s.waits(s.d, 0, s.d);
      s.d.wakeCpu = 1 as CpuId;
    },
    'idle, handOffPending',
  ],
  [
    '5: the owner sleeps',
    s => {
      chain(s);
      s.a.onRq = 'no';
    },
    ASLEEP,
  ],
  [
    '5: the owner sleeps, only its dequeue is delayed',
    s => {
      chain(s);
      s.a.schedDelayed = true;
    },
    ASLEEP,
  ],
  [
    '5: the owner sleeps and current is in the chain',
    s => {
      chain(s);
      s.a.onRq = 'no';
      s.rq.curr = s.d;
    },
    ASLEEP_BEHIND_CURR,
  ],
  [
    '5 or 6: the owner sleeps elsewhere',
    s => {
      chain(s);
      Object.assign(s.a, { onRq: 'no', cpu: 1 });
    },
    {
      v4: 'migrate b to 1',
      '6.17': 'deactivate b, ownerAsleep',
      '7.1': 'deactivate b, ownerAsleep',
      '7.3': 'deactivate b, ownerAsleep',
      tip: 'deactivate b, ownerAsleep',
      full: 'park b on a',
    },
  ],
  [
    '6: the owner is on another CPU',
    s => {
      chain(s);
      s.a.cpu = 1 as CpuId;
    },
    {
      v4: 'migrate b to 1',
      '6.17': 'deactivate b, ownerElsewhere',
      '7.1': 'migrate b to 1',
      '7.3': 'migrate b to 1',
      tip: 'migrate b to 1',
      full: 'migrate b to 1',
    },
  ],
  [
    '6: the owner is on another CPU and current is in the chain',
    s => {
      chain(s);
      s.a.cpu = 1 as CpuId;
      s.rq.curr = s.b;
    },
    {
      v4: 'idle, currInChain',
      '6.17': 'deactivate b, ownerElsewhere',
      '7.1': 'idle, currInChain',
      '7.3': 'idle, currInChain',
      tip: 'idle, currInChain',
      full: 'idle, currInChain',
    },
  ],
  [
    '7: the owner is on its way to this CPU',
    s => {
      chain(s);
      s.a.onRq = 'migrating';
    },
    'idle, ownerMigrating',
  ],
  ['9: the owner is the waiter itself, named and not awake', s => s.waits(s.d, 0, s.d), 'idle, handOffPending'],
  [
    'a cycle the pick is in',
    s => {
      chain(s);
      s.waits(s.a, 2, s.d);
    },
    'deadlock d b a',
  ],
  [
    'a cycle that the pick leads to',
    s => {
      chain(s);
      s.waits(s.a, 2, s.b);
    },
    'deadlock b a',
  ],
])('%s', (_what, arrange, expected) => {
  const answer = (name: GenerationName): string => {
    const s = setting();
    arrange(s);
    return walk(name, s.rq, s.d);
  };
  const answers = Object.fromEntries(NAMES.map(name => [name, answer(name)]));
  expect(answers).toEqual(typeof expected === 'string' ? Object.fromEntries(NAMES.map(name => [name, expected])) : expected);
  expect(answer('v4-debug')).toBe(answers['v4']);
});

test('each link knows for whom it runs: one step up, not the pick', () => {
  const s = setting();
  chain(s);
  walk('7.3', s.rq, s.d);
  expect([s.a.blockedDonor, s.b.blockedDonor, s.d.blockedDonor]).toEqual([s.b, s.d, null]);
});

test.each([
  ['the pick is in it', 'd', 'deadlock d b a'],
  ['the pick leads to it', 'b', 'deadlock b a'],
])('a circle of references names those in it although one has been woken: %s', (_what, last, expected) => {
  const rules = { ...VALUES, freeLock: 'run' };
  const answer = (blockedTest: string): string => {
    const s = setting();
    chain(s);
    s.waits(s.a, 2, last === 'd' ? s.d : s.b);
    Object.assign(s.b, { state: 'running', isBlocked: false }); // woken by a wound, and the reference stayed: C7
    return say(new ChainWalker({ ...rules, blockedTest }).walk(s.rq, s.d));
  };
  expect(answer('blockedOn')).toBe(expected);
  expect(answer('isBlocked')).toBe('run b at 1');
});

const VALUES: WalkRules = {
  freeLock: 'curr',
  elsewhereFirst: false,
  ownerElsewhere: 'migrateOne',
  ownerAsleep: 'deactivate',
  comeBack: 'always',
  blockedTest: 'isBlocked',
};

test('a walk changes nothing else, and repeats', () => {
  const s = setting();
  chain(s);
  s.a.cpu = 1 as CpuId;
  const state = (): unknown =>
    s.machine.tasks.map(p => [p.state, p.onRq, p.cpu, p.wakeCpu, p.isBlocked, p.blockedOn?.name, p.waitsIn?.name]);
  const before = state();
  const walker = new ChainWalker(VALUES);
  expect([say(walker.walk(s.rq, s.d)), say(walker.walk(s.rq, s.d))]).toEqual(['migrate b to 1', 'migrate b to 1']);
  expect(state()).toEqual(before);
});
