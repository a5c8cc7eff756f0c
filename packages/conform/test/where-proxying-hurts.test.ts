/** Short sections on several CPUs: what proxy execution adds to waits in the kernel it adds in the model, over many starts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockWaits, runRecording, type Figures, type RecordedRun, type Recording } from '../src/index.js';

const DATA = join(import.meta.dirname, '..', 'data', 'kernel');

interface Pair {
  readonly on: ReadonlyMap<string, Figures>;
  readonly off: ReadonlyMap<string, Figures>;
}

const pair = (name: string, waits: (file: string, text: string) => RecordedRun): Pair => {
  const of = (suffix: string): ReadonlyMap<string, Figures> => {
    const file = `${name}${suffix}.json`;
    return lockWaits(waits(file, readFileSync(join(DATA, file), 'utf8')));
  };
  return { on: of(''), off: of('.no-proxy') };
};

/** Mean of all waits, us. */
function overall(waits: ReadonlyMap<string, Figures>): number {
  const all = [...waits.values()];
  return all.reduce((sum, [count, mean]) => sum + count * mean, 0) / all.reduce((sum, [count]) => sum + count, 0);
}

/** How many times as long a task waits with proxy execution, by task. */
const growth = ({ on, off }: Pair): ReadonlyMap<string, number> =>
  new Map([...on].map(([task, [, mean]]) => [task, mean / off.get(task)![1]]));

/** The model's runs as recorded, or when tasks start some microseconds later. */
function drawn(name: string, draw: number): Pair {
  return pair(name, (file, text) => {
    const recording = JSON.parse(text) as Recording;
    const tasks = recording.tasks.map((task, i) => ({ ...task, start_us: (task.start_us ?? 0) + ((draw * (37 + 53 * i)) % 101) }));
    return runRecording(file, JSON.stringify({ ...recording, tasks }));
  });
}

/** Geometric mean over draws, by task. */
function meanGrowth(draws: readonly Pair[]): ReadonlyMap<string, number> {
  const logs = new Map<string, number>();
  for (const draw of draws) for (const [task, by] of growth(draw)) logs.set(task, (logs.get(task) ?? 0) + Math.log(by));
  return new Map([...logs].map(([task, sum]) => [task, Math.exp(sum / draws.length)]));
}

// The kernel repeated itself twice: on two CPUs waits are 1.33 to 1.87 times as long with proxy execution, on four 0.92 to 1.09 times, so that there only the
// mean of many runs says anything (100 starts: 1.02). By task the mean of the draws says most of what the run of the kernel does.
describe.each([
  { name: 'px-24-storm-2cpu', tasks: 8, agreed: 6, draws: 8, least: 1.3, most: 2.4, each: 1.5 },
  { name: 'px-26-rt-storm-4cpu', tasks: 11, agreed: 9, draws: 20, least: 1, most: 1.09, each: 0.8 },
])('$name', ({ name, tasks, agreed, draws, least, most, each }) => {
  const kernel = pair(name, (_file, text) => JSON.parse(text) as Recording);
  const model = Array.from({ length: draws }, (_, draw) => drawn(name, draw));

  test('waits are longer with proxy execution, or shorter, by about as much as in the kernel', () => {
    expect(overall(kernel.on)).toBeGreaterThan(overall(kernel.off));
    const growths = model.map(({ on, off }) => overall(on) / overall(off));
    console.log(growths.map(by => by.toFixed(2)).join(' '));
    const mean = growths.reduce((sum, by) => sum + by) / draws;
    expect(mean).toBeGreaterThan(least);
    expect(mean).toBeLessThan(most);
    expect(Math.min(...growths)).toBeGreaterThan(each);
  });

  test('and for most tasks it goes the same way in both', () => {
    const ours = meanGrowth(model);
    const all = [...growth(kernel)].map(([task, by]) => ({ task, by, same: by > 1 === ours.get(task)! > 1 }));
    console.log(
      all.map(({ task, by, same }) => `${task} ${by.toFixed(2)} ${ours.get(task)!.toFixed(2)}${same ? '' : ' other way'}`).join('\n'),
    );
    expect(all).toHaveLength(tasks);
    // At the time of writing: `agreed`, of one draw 4 to 10 on four CPUs; those whose waits hardly change may turn.
    expect(all.filter(({ same }) => same).length).toBeGreaterThanOrEqual(agreed - 1);
    // Where the kernel's waits change by more than a quarter the direction is no chance.
    const clear = all.filter(({ by }) => by > 1.25 || by < 0.8);
    expect(clear.filter(({ same }) => same).length).toBeGreaterThanOrEqual(clear.length - 1);
  });
});
