/** Football on fields of other sizes: the ball may not move at all, and without inheritance it does (`proxy-execution.md` 19.1, 19.2). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Nanos, Task, TraceSink } from '@proxysched/core';
import { GENERATIONS, generationOptions, linux, type ResolverName } from '@proxysched/preset-linux';
import { createSimulation } from '@proxysched/sim';
import { readWorkload } from '@proxysched/workload';

const KICK_OFF: Nanos = 10_000_000;
const SIZES = [1, 2, 4, 8, 16];

/** Carried by the offense: how long any of its players has executed since the referee began. */
class Ball implements TraceSink {
  moved: Nanos = 0;
  private readonly carries: { from: Nanos; on: boolean }[] = [];

  schedSwitch(now: Nanos, cpu: number, _prev: Task, next: Task): void {
    this.stops(now, cpu);
    this.carries[cpu] = { from: now, on: next.comm.startsWith('offense') };
  }

  /** The game is over. */
  whistle(now: Nanos): Nanos {
    for (const cpu of this.carries.keys()) this.stops(now, cpu);
    return this.moved;
  }

  private stops(now: Nanos, cpu: number): void {
    const before = this.carries[cpu];
    if (before?.on === true) this.moved += Math.max(0, now - Math.max(before.from, KICK_OFF));
  }
}

/** The whole game lasts ten seconds, or five (the folders' README says how it ends); here 300 ms, a hundred rounds of the fans. */
function play(game: string, players: number, resolver: ResolverName): Nanos {
  const file = join(import.meta.dirname, game, 'scenario.yaml');
  const text = readFileSync(file, 'utf8')
    .replaceAll(/instances: (\d+)/g, (_, n) => `instances: ${(Number(n) / 4) * players}`)
    .replace('cpus: 4', `cpus: ${players}`);
  const read = readWorkload(text, { file, until: KICK_OFF + 300_000_000 });
  if (!read.ok) throw new Error(read.diagnostics.map(d => d.message).join('\n'));
  const ball = new Ball();
  const options = { ...generationOptions(resolver), ...read.scenario.options };
  const { at } = createSimulation({ ...read.scenario, options }, linux(resolver), [ball]).run();
  return ball.whistle(at);
}

describe.each(SIZES)('%d players a team', players => {
  test.each([...(Object.keys(GENERATIONS) as ResolverName[]).filter(g => g !== 'off'), 'pi' as const])(
    'ksched_football under %s',
    resolver => {
      expect(play('ksched-football', players, resolver)).toBe(0);
    },
  );

  test('ksched_football fails without inheritance: the offense plays whenever the fans do not', () => {
    const ball = play('ksched-football', players, 'off');
    expect(ball).toBeGreaterThan(players * 180_000_000);
    expect(ball).toBeLessThanOrEqual(players * 220_000_000);
  });

  test.each(['off', '7.3', 'full'] as const)('sched_football under %s', resolver => {
    expect(play('sched-football', players, resolver)).toBe(0);
  });
});
