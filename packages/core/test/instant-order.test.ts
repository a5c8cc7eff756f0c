import { EventQueue } from '../src/event-queue.js';
import type { InstantOrder } from '../src/instant-order.js';
import { RANK_BALANCE, RANK_OP, RANK_POLICE, RANK_SUPPLY, RANK_WAKE } from '../src/ranks.js';

/** Everything due at 10, armed from the last to the first, as it fires. */
function fired(order?: InstantOrder): string[] {
  const queue = new EventQueue(order);
  const seen: string[] = [];
  const causes = { op: RANK_OP, wake: RANK_WAKE, supply: RANK_SUPPLY, police: RANK_POLICE, balance: RANK_BALANCE };
  for (const owner of [1, 0]) {
    for (const [cause, rank] of Object.entries(causes).reverse()) {
      const name = `${cause}${owner}`;
      queue.arm(
        queue.timer(name, rank, () => seen.push(name), owner),
        10,
      );
    }
  }
  for (let timer = queue.next(10); timer !== null; timer = queue.next(10)) timer.fire();
  return seen;
}

test('by default by rank, then in the order of arming', () => {
  expect(fired()).toEqual(['op1', 'op0', 'wake1', 'wake0', 'supply1', 'supply0', 'police1', 'police0', 'balance1', 'balance0']);
});

test('in groups, by owner within a group, by place for one owner; what no group names comes last, by rank', () => {
  expect(fired([['op', 'police'], ['wake']])).toEqual([
    ...['op0', 'police0', 'op1', 'police1'],
    ...['wake0', 'wake1'],
    ...['supply1', 'supply0', 'balance1', 'balance0'],
  ]);
});
