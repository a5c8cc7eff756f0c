/** CPUs that go and come back (`proxy-execution.md` 8.4): where their contexts go, and that nobody is sent there. */
import { fifo, lock, machineOf, nice, run, scenarioOf, setAffinity, sleep, unlock, type TestTask } from '../src/test-kit/index.js';
import type { OutsideEvent } from '../src/outside.js';
import type { TraceSink } from '../src/trace-sink.js';

const unplug = (at: number, cpu: number): OutsideEvent => ({ at, act: 'unplug', cpu });
const plug = (at: number, cpu: number): OutsideEvent => ({ at, act: 'plug', cpu });

function through(cpus: number, tasks: Record<string, TestTask>, ...events: OutsideEvent[]) {
  const built = machineOf({ ...scenarioOf({ cpus, tasks, until: 100_000 }), outside: events });
  expect(built.machine.run().outcome).toBe('finished');
  return {
    ...built,
    ran: (task: string) => built.sink.stretches(task),
    said: (event: keyof TraceSink) => built.sink.of(event),
  };
}

test('who runs there and who is queued there go where they may', () => {
  const { ran, said } = through(
    3,
    {
      runs: { policy: fifo(2), cpu: 0, cpus: [0, 1], ops: [run(20)] },
      hog: { policy: fifo(3), cpus: [2], ops: [run(5)] },
      queued: { policy: fifo(1), cpu: 0, cpus: [0, 2], ops: [run(20)] },
    },
    unplug(10, 0),
  );
  expect(said('cpuHotplug')).toEqual(['10 cpuHotplug 0 unplug']);
  expect(said('schedMigrate')).toEqual(['10 schedMigrate runs 0 -> 1 affinity', '10 schedMigrate queued 0 -> 2 unplug']);
  expect([ran('runs'), ran('queued')]).toEqual([['0:0-10', '1:10-20'], ['2:10-30']]);
});

test('who may run nowhere else loses its affinity, for good; who sleeps only when it wakes', () => {
  const { ran, said, task } = through(
    2,
    {
      pinned: { policy: fifo(2), cpus: [1], ops: [run(20)] },
      lucky: { policy: fifo(3), cpus: [1], ops: [run(1), sleep(50), run(1)] },
      sleeper: { policy: fifo(3), cpus: [1], ops: [run(1), sleep(15), run(1)] },
    },
    unplug(10, 1),
    plug(40, 1),
  );
  expect(said('affinityLost')).toEqual(['10 affinityLost pinned on 1', '17 affinityLost sleeper on 1']);
  expect(String(task('pinned').exec.cpusAllowed)).toBe('0,1');
  expect(ran('pinned')[1]).toMatch(/^0:10-/);
  expect(ran('lucky')[1]).toMatch(/^1:/);
});

test('wake-ups, starts and affinities that name the CPU go elsewhere until it is back', () => {
  const { ran } = through(
    2,
    {
      wakes: { policy: nice(0), cpu: 1, ops: [run(5), sleep(10), run(5)] },
      starts: { policy: nice(0), cpu: 1, start: 12, ops: [run(5)] },
      asks: { policy: nice(0), cpu: 0, ops: [sleep(20), setAffinity(1), run(5), sleep(20), setAffinity(1), run(5)] },
    },
    unplug(7, 1),
    plug(40, 1),
  );
  for (const name of ['wakes', 'starts'])
    expect(
      ran(name)
        .filter(s => Number(/:(\d+)/.exec(s)![1]) >= 7)
        .every(s => s.startsWith('0:')),
    ).toBe(true);
  expect(ran('asks')[0]).toMatch(/^0:/); // nothing of what it asked for was there
  expect(ran('asks').at(-1)).toMatch(/^1:/);
});

test('the last CPU stays, and what is gone or there already stays as it is', () => {
  const { said, machine } = through(
    2,
    { a: { policy: nice(0), ops: [run(50)] } },
    unplug(5, 0),
    unplug(6, 0),
    unplug(7, 1),
    plug(8, 0),
    plug(9, 0),
  );
  expect(said('cpuHotplug')).toEqual(['5 cpuHotplug 0 unplug', '7 cpuHotplug 1 busy', '8 cpuHotplug 0 plug']);
  expect(machine.online.size).toBe(2);
});

describe('waiting for I/O', () => {
  const tasks: Record<string, TestTask> = {
    owner: { policy: fifo(1), cpus: [0], ops: [lock(0), run(10), unlock(0)] },
    io: { policy: fifo(2), cpus: [1], start: 2, ops: [{ op: 'lock', mutex: 0, io: true }, run(1), unlock(0), lock(1), unlock(1)] },
    plain: { policy: fifo(2), cpus: [1], start: 4, ops: [lock(0), unlock(0)] },
  };

  test('counts whoever asked that way, while it is off its queue, on the CPU that it left', () => {
    const { said, machine } = through(2, tasks);
    expect(said('ioWait')).toEqual(['2 ioWait 1 io waits 1', '10 ioWait 1 io done 0']);
    expect(machine.rqs.map(rq => rq.nrIowait)).toEqual([0, 0]);
  });

  test('and is given back there, wherever it wakes', () => {
    const { said, machine } = through(3, tasks, unplug(5, 1));
    expect(said('ioWait')).toEqual(['2 ioWait 1 io waits 1', '10 ioWait 1 io done 0']);
    expect(said('affinityLost').length).toBe(2);
    expect(machine.rqs.map(rq => rq.nrIowait)).toEqual([0, 0, 0]);
  });
});
