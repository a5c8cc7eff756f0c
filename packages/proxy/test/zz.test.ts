import { fifo, lock, run, scenarioOf, sleep, unlock, type TestTask } from '@proxysched/core/test-kit';
import { simulate, DEQUEUE } from './kit.js';
const line: Record<string, TestTask> = {
    a: { policy: fifo(1), ops: [lock(0), run(20), unlock(0), run(5)] },
    b: { policy: fifo(2), start: 2, ops: [lock(1), lock(0), run(4), unlock(0), unlock(1)] },
    d: { policy: fifo(3), start: 4, ops: [lock(1), run(1), unlock(1)] },
  };
const show = (t: string, lines: string[]) => process.stdout.write(`--- ${t}\n${lines.filter(l=>!/jobRelease|jobDone|schedWak/.test(l)).join('\n')}\n`);
test('x', () => {
  show('line', simulate(scenarioOf({ tasks: line }), '7.3', { 'proxy.wakeDonorPreempts': true }).sink.lines);
  const far: Record<string, TestTask> = {
    low: { policy: fifo(1), cpus: [0], ops: [lock(0), run(20), unlock(0)] },
    mid: { policy: fifo(2), cpus: [0], start: 6, ops: [run(50)] },
    high: { policy: fifo(3), cpus: [1], start: 5, ops: [lock(0), run(5), unlock(0)] },
  };
  for (const g of ['v4', '6.17', '7.3'] as const) show('C2 ' + g, simulate(scenarioOf({ cpus: 2, tasks: far }), g).sink.lines);
  const slp: Record<string, TestTask> = {
    low: { policy: fifo(1), cpus: [0], ops: [lock(0), run(10), sleep(10), run(10), unlock(0)] },
    mid: { policy: fifo(2), cpus: [0], start: 6, ops: [run(50)] },
    high: { policy: fifo(3), cpus: [0], start: 5, ops: [lock(0), run(5), unlock(0)] },
  };
  for (const g of ['v4', '6.17', '7.3'] as const) show('C3 ' + g, simulate(scenarioOf({ tasks: slp }), g).sink.lines);
  const abba = (c: number): Record<string, TestTask> => ({ a: { policy: fifo(1), cpus: [0], ops: [lock(0), run(5), lock(1), unlock(1), unlock(0)] }, b: { policy: fifo(c === 1 ? 2 : 1), start: c === 1 ? 2 : 0, cpus: [c - 1], ops: [lock(1), run(6), lock(0), unlock(0), unlock(1)] }, c: { cpus: [0], ops: [run(10)] } });
  for (const c of [1, 2]) for (const g of ['off', 'v4', '6.17', '7.3'] as const) { const r = simulate(scenarioOf({ cpus: c, until: 1000, tasks: abba(c) }), g, {}, { deadlock: DEQUEUE }); show(`abba ${c} ${g} ${JSON.stringify({o: r.result.outcome, at: r.result.at})}`, r.sink.of('proxyOutcome','deadlock','taskExit','end','schedRepick','schedSwitch')); }
});
