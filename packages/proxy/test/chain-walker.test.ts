/** Every row of the chain walk (`proxy-execution.md` 7 and 24) by itself: what the walk answers, and that it only answers. */
import { readOptions, type ChainOutcome, type CpuId, type RunQueue, type Task } from '@proxysched/core';
import { machineOf, scenarioOf } from '@proxysched/core/test-kit';
import { ChainWalker, GENERATIONS, proxyOptions, type GenerationName } from '../src/index.js';

/** Two CPUs, tasks queued on CPU 0 by hand; lock i is for the tests to give. */
function setting() {
  const { machine, task } = machineOf(
    scenarioOf({ cpus: 2, mutexes: 4, tasks: { d: { ops: [] }, b: { ops: [] }, a: { ops: [] }, x: { ops: [] } } }),
  );
  const rq = machine.rqs[0]!;
  for (const p of machine.tasks) Object.assign(p, { state: 'running', onRq: 'queued' });
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
      return `wake ${o.task.comm}`;
    case 'idle':
      return `idle, ${o.why}`;
    case 'deadlock':
      return `deadlock ${o.cycle.map(p => p.comm).join(' ')}`;
  }
}

const chain = ({ waits, d, b, a }: Setting): void => {
  waits(d, 0, b);
  waits(b, 1, a);
};

type Row = [what: string, arrange: (s: Setting) => void, v4: string, v617: string, v73: string];

test.each<Row>([
  ['the end of the chain can run here', chain, 'run a at 2', 'run a at 2', 'run a at 2'],
  ['a pick that is not blocked ends it at once', () => undefined, 'run d at 0', 'run d at 0', 'run d at 0'],
  [
    'an owner that waits for a lock but has not blocked is awake (I4)',
    s => {
      chain(s);
      s.b.isBlocked = false;
    },
    'run b at 1',
    'run b at 1',
    'run b at 1',
  ],
  [
    '1: the lock is gone, a wake-up is coming',
    s => {
      chain(s);
      s.b.blockedOn = null;
    },
    'deactivate b, noLock',
    'deactivate b, noLock',
    'deactivate b, noLock',
  ],
  [
    '1: the lock is gone, and the waiter is current',
    s => {
      chain(s);
      s.b.blockedOn = null;
      s.rq.curr = s.b;
    },
    'retake b at 1',
    'retake b at 1',
    'retake b at 1',
  ],
  ['3/4: the lock has no owner', s => s.waits(s.d, 0, null), 'retake d at 0', 'retake d at 0', 'deactivate d, noOwner'],
  [
    '3/4: the lock has no owner and the waiter is current',
    s => {
      s.waits(s.d, 0, null);
      s.rq.curr = s.d;
    },
    'retake d at 0',
    'retake d at 0',
    'retake d at 0',
  ],
  [
    '3/4: the lock has no owner and the waiter may not run here',
    s => {
      s.waits(s.d, 0, null);
      s.d.wakeCpu = 1 as CpuId;
      s.d.exec.cpusAllowed.delete(0 as CpuId);
    },
    'deactivate d, noOwner',
    'deactivate d, noOwner',
    'deactivate d, noOwner',
  ],
  [
    '5: the owner sleeps',
    s => {
      chain(s);
      s.a.onRq = 'no';
    },
    'park b on a',
    'deactivate b, ownerAsleep',
    'deactivate b, ownerAsleep',
  ],
  [
    '5: the owner sleeps, only its dequeue is delayed',
    s => {
      chain(s);
      s.a.schedDelayed = true;
    },
    'park b on a',
    'deactivate b, ownerAsleep',
    'deactivate b, ownerAsleep',
  ],
  [
    '5: the owner sleeps and current is in the chain',
    s => {
      chain(s);
      s.a.onRq = 'no';
      s.rq.curr = s.d;
    },
    'idle, currInChain',
    'deactivate b, ownerAsleep',
    'idle, currInChain',
  ],
  [
    '5 or 6: the owner sleeps elsewhere',
    s => {
      chain(s);
      Object.assign(s.a, { onRq: 'no', cpu: 1 });
    },
    'migrate b to 1',
    'deactivate b, ownerAsleep',
    'deactivate b, ownerAsleep',
  ],
  [
    '6: the owner is on another CPU',
    s => {
      chain(s);
      s.a.cpu = 1 as CpuId;
    },
    'migrate b to 1',
    'deactivate b, ownerElsewhere',
    'migrate b to 1',
  ],
  [
    '6: the owner is on another CPU and current is in the chain',
    s => {
      chain(s);
      s.a.cpu = 1 as CpuId;
      s.rq.curr = s.b;
    },
    'idle, currInChain',
    'deactivate b, ownerElsewhere',
    'idle, currInChain',
  ],
  [
    '7: the owner is on its way to this CPU',
    s => {
      chain(s);
      s.a.onRq = 'migrating';
    },
    'idle, ownerMigrating',
    'idle, ownerMigrating',
    'idle, ownerMigrating',
  ],
  [
    '9: the owner is the waiter itself, named and not awake',
    s => s.waits(s.d, 0, s.d),
    'idle, handOffPending',
    'idle, handOffPending',
    'idle, handOffPending',
  ],
  [
    'a cycle the pick is in',
    s => {
      chain(s);
      s.waits(s.a, 2, s.d);
    },
    'deadlock d b a',
    'deadlock d b a',
    'deadlock d b a',
  ],
  [
    'a cycle that the pick leads to',
    s => {
      chain(s);
      s.waits(s.a, 2, s.b);
    },
    'deadlock b a',
    'deadlock b a',
    'deadlock b a',
  ],
])('%s', (_what, arrange, ...expected) => {
  const answers = (['v4', '6.17', '7.3'] as const).map(name => {
    const s = setting();
    arrange(s);
    return walk(name, s.rq, s.d);
  });
  expect(answers).toEqual(expected);
});

test('`home`: a free lock is retaken by a waiter at home, not by one that is away', () => {
  const s = setting();
  s.waits(s.d, 0, null);
  const walker = new ChainWalker({ freeLock: 'home', elsewhereFirst: false, ownerElsewhere: 'migrateOne', ownerAsleep: 'deactivate' });
  expect(say(walker.walk(s.rq, s.d))).toBe('retake d at 0');
  s.d.wakeCpu = 1 as CpuId;
  expect(say(walker.walk(s.rq, s.d))).toBe('deactivate d, noOwner');
});

test('each link knows for whom it runs: one step up, not the pick', () => {
  const s = setting();
  chain(s);
  walk('7.3', s.rq, s.d);
  expect([s.a.blockedDonor, s.b.blockedDonor, s.d.blockedDonor]).toEqual([s.b, s.d, null]);
});

test('a walk changes nothing else, and repeats', () => {
  const s = setting();
  chain(s);
  s.a.cpu = 1 as CpuId;
  const state = (): unknown =>
    s.machine.tasks.map(p => [p.state, p.onRq, p.cpu, p.wakeCpu, p.isBlocked, p.blockedOn?.name, p.waitsIn?.name]);
  const before = state();
  const walker = new ChainWalker({ freeLock: 'curr', elsewhereFirst: false, ownerElsewhere: 'migrateOne', ownerAsleep: 'deactivate' });
  expect([say(walker.walk(s.rq, s.d)), say(walker.walk(s.rq, s.d))]).toEqual(['migrate b to 1', 'migrate b to 1']);
  expect(state()).toEqual(before);
});
