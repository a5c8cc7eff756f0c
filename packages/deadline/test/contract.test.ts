/** The contract of every class, on real machines. */
import { contractTests } from '@proxysched/core/test-kit';
import { DeadlineClass } from '../src/deadline-class.js';

const MS = 1e6;
const policies = [
  { kind: 'deadline', runtime: 3 * MS, deadline: 10 * MS, period: 10 * MS },
  { kind: 'deadline', runtime: 2 * MS, deadline: 4 * MS, period: 9 * MS },
  { kind: 'deadline', runtime: 5 * MS, deadline: 30 * MS, period: 30 * MS },
] as const;

/**
 * Two do not fit. "Whoever is back can be picked": not a throttled task, which is queued and waits for its period. And on a
 * tick, "a blocked context is chosen as one that runs": its lock brings events of its own, each event charges, and a budget
 * that is spent is found out at a charge.
 */
const fitting =
  (hz: number | null) =>
  (name: string, body: () => void): void => {
    if (name.startsWith('leaving and coming back') || (hz !== null && name.startsWith('it knows nothing of proxying'))) return;
    test(name, body);
  };

for (const hz of [null, 250]) {
  describe(hz === null ? 'exact' : 'with a tick', () => {
    contractTests(
      { describe, test: fitting(hz), expect },
      { make: kernel => new DeadlineClass(kernel, { 'deadline.admission': false }), policies, hz },
    );
  });
}
