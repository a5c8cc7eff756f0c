/** The seed's case: the debug build of June 2023 called an honest boot a deadlock; every generation gets through it. */
import { runStorm, STORM_GENERATIONS } from '../src/index.js';

test('v4-debug ends in a false alarm at its 51st re-pick', () => {
  expect(runStorm(256, 'v4-debug')).toMatchObject({ outcome: 'false alarm', mostRepicks: 51 });
});

test.each(STORM_GENERATIONS.filter(name => name !== 'v4-debug'))('%s gets through', name => {
  const run = runStorm(256, name);
  expect(run).toMatchObject({ outcome: 'finished', finished: 512 });
  // Without migration nobody gathers; with it one honest pass is far longer than fifty.
  if (name === 'off' || name === '6.17') expect(run.mostRepicks).toBeLessThan(10);
  else expect(run.mostRepicks).toBeGreaterThan(50);
});

test('the pass that v4-debug stops in goes on under v4, and ends', () => {
  const alarm = runStorm(256, 'v4-debug').longPasses.at(-1)!;
  const same = runStorm(256, 'v4').longPasses.find(pass => pass.at === alarm.at && pass.cpu === alarm.cpu);
  expect(alarm.repicks).toBe(51);
  expect(same!.repicks).toBeGreaterThan(51);
});

test('a move is wasted when nobody ran in the name of who was moved; without moves none is', () => {
  const { proxyMoves, wastedMoves, returns } = runStorm(64, '7.3');
  expect(wastedMoves).toBeGreaterThan(0);
  // Whoever came to lend to the owner of the contended mutex, at least once for each that returns, did.
  expect(proxyMoves - wastedMoves).toBeGreaterThan(returns / 2);
  expect(runStorm(64, 'off')).toMatchObject({ proxyMoves: 0, wastedMoves: 0 });
});

test('the longest pass grows with the number of CPUs, so no constant will do', () => {
  const most = [16, 64, 256].map(cpus => runStorm(cpus, '7.3').mostRepicks);
  expect(most[1]).toBeGreaterThan(2 * most[0]!);
  expect(most[2]).toBeGreaterThan(2 * most[1]!);
});
