/** The contract tests find out whoever breaks the contract: a class that lies in one way each, and the test that says so. */
import type { Kernel, RunQueue, SchedClass, Task } from '../src/index.js';
import { contractTests, nice, RoundRobin } from '../src/test-kit/index.js';

/** Names of the tests that fail. */
function failing(make: (kernel: Kernel) => SchedClass, passesMatter = false): string[] {
  const failed: string[] = [];
  contractTests(
    {
      describe: (_, body) => body(),
      test: (name, body) => {
        try {
          body();
        } catch {
          failed.push(name);
        }
      },
      expect: actual => ({ toEqual: expected => expect(actual).toEqual(expected) }),
    },
    { make, policies: [nice(0)], unit: 3, passesMatter },
  );
  return failed;
}

/** The honest class; each of those below breaks one promise. */
class Liar extends RoundRobin {
  constructor(protected readonly machine: Kernel) {
    super(machine);
  }

  /** Contexts of this class on a CPU, by the kernel's account. */
  protected here(rq: RunQueue): Task[] {
    return this.machine.tasks.filter(p => p.onRq === 'queued' && p.cpu === rq.cpu);
  }
}

class CountsItsPicks extends Liar {
  private picks = 0;

  override pickTask(rq: RunQueue): Task | null {
    const here = this.here(rq);
    return here[this.picks++ % Math.max(1, here.length)] ?? null;
  }
}

class ForgetsWhoRuns extends Liar {
  override pickTask(rq: RunQueue): Task | null {
    return rq.donor !== rq.idle && rq.nrQueued > 1 ? null : super.pickTask(rq);
  }
}

class KeepsWhoLeft extends Liar {
  private last: Task | null = null;

  override dequeueTask(rq: RunQueue, p: Task, flags: number): void | false {
    const left = super.dequeueTask(rq, p, flags);
    this.last = p.state === 'running' ? p : null;
    return left;
  }

  override pickTask(rq: RunQueue): Task | null {
    return this.last ?? super.pickTask(rq);
  }
}

class ChargesTwice extends Liar {
  private again = false;

  override updateCurr(rq: RunQueue, delta: number): void {
    super.updateCurr(rq, delta);
    this.again = !this.again;
    if (this.again) rq.charged -= 1;
  }
}

class QueuesTwice extends Liar {
  private readonly twice = new Map<RunQueue, Task[]>();

  override check(rq: RunQueue, report: Parameters<RoundRobin['check']>[1]): void {
    super.check(rq, report);
    for (const p of this.twice.get(rq) ?? [])
      if (p.onRq !== 'queued' || p.cpu !== rq.cpu) report.fail('L1', `${String(p)} is still counted`);
  }

  override enqueueTask(rq: RunQueue, p: Task, flags: number): void {
    super.enqueueTask(rq, p, flags);
    this.twice.set(rq, [...(this.twice.get(rq) ?? []), p]);
  }
}

class HidesFromTheCounters extends Liar {
  override enqueueTask(rq: RunQueue, p: Task, flags: number): void {
    super.enqueueTask(rq, p, flags);
    if (p.pid === 2) rq.nrByClass[0]!++;
  }

  override dequeueTask(rq: RunQueue, p: Task, flags: number): void | false {
    if (p.pid === 2) rq.nrByClass[0]!--;
    return super.dequeueTask(rq, p, flags);
  }
}

class Starves extends Liar {
  override pickTask(rq: RunQueue): Task | null {
    const p = super.pickTask(rq);
    return p?.pid === 3 ? (this.here(rq).find(q => q.pid !== 3) ?? null) : p;
  }
}

let everywhere = 0;

class SharesBetweenMachines extends Liar {
  override sliceLeft(rq: RunQueue, donor: Task): number {
    everywhere++;
    return Math.min(super.sliceLeft(rq, donor), 1 + (everywhere % 7));
  }
}

class PassesOverTheBlocked extends Liar {
  override pickTask(rq: RunQueue): Task | null {
    const p = super.pickTask(rq);
    return p?.isBlocked === true ? (this.here(rq).find(q => !q.isBlocked) ?? null) : p;
  }
}

class AsksWhoExecutes extends Liar {
  override pickTask(rq: RunQueue): Task | null {
    return rq.curr === rq.donor ? super.pickTask(rq) : (this.here(rq).find(q => q !== rq.donor) ?? super.pickTask(rq));
  }
}

test('an honest class passes', () => {
  expect(failing(kernel => new Liar(kernel))).toEqual([]);
});

test.each<[string, new (machine: Kernel) => Liar, string]>([
  ['a pick that counts its calls', CountsItsPicks, 'a pick changes nothing'],
  ['a donor that is not picked', ForgetsWhoRuns, 'a pick is queued here'],
  ['a pick of who has left', KeepsWhoLeft, 'leaving and coming back are inverse'],
  ['a charge for time that was charged before', ChargesTwice, 'a charge conserves time'],
  ['a queue of its own that does not shrink', QueuesTwice, 'its own invariants hold'],
  ['counters of the kernel that it changes', HidesFromTheCounters, 'its own invariants hold'],
  ['a task that never has its turn', Starves, 'everybody gets through'],
  ['state outside of the machine', SharesBetweenMachines, 'two machines do not know of each other'],
  ['a context that is passed over because it is blocked', PassesOverTheBlocked, 'it knows nothing of proxying'],
])('%s is found out', (_, Class, property) => {
  expect(failing(kernel => new Class(kernel))).toContainEqual(expect.stringContaining(property));
});

test.each([AsksWhoExecutes, PassesOverTheBlocked])('%p is found out also where the order of turns is not compared', Class => {
  expect(failing(kernel => new Class(kernel), true)).toContainEqual(expect.stringContaining('it sees the donor only'));
});
