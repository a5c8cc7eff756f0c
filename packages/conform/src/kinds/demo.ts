import type { Conformance, DetailRow } from '../conformance.js';
import { isDemo, readDemo, type DemoRun } from '../demo/demo-file.js';
import { runDemo } from '../demo/run-demo.js';
import { isMaximum, JUDGED, recordedFigures, simulatedFigures, type WaitFigures } from '../demo/wait-figures.js';
import { Tally } from '../tally.js';

/** A figure agrees when neither is more than this many times the other. */
export const DEMO_FACTOR = 3;

/**
 * Waits that differ by what the machine itself does are equal: figures below this count as this. A call for a free lock takes 0.4 us, and 5
 * us when a tick comes in between (1.4 us to the tick, 3.2 in it); which of 1000 calls a tick meets is chance.
 */
export const DEMO_FLOOR_US = 5;

/** A median stays when it moves by no more than a bucket of the recorded histogram is wide: eight to a power of two. */
export const MEDIAN_SHARE = 1 / 8;

/**
 * The priority inversion demo on a real kernel: the model runs each permutation, and mean and percentiles of the waits of each task that takes
 * the lock are to be within a factor of three. A percentile that is the largest of its samples is shown and not judged, as maxima are. Without
 * contention the median is to be the same with and without proxy execution.
 */
export const demo: Conformance = {
  name: 'demo',
  recognises: isDemo,

  run({ path, json }) {
    const file = readDemo(path, json);
    const tally = new Tally();
    const details: DetailRow[] = [];
    const medians = new Map<string, number>();
    for (const run of file.runs) {
      const { waits } = runDemo(path, file, run);
      for (const [task, recorded] of Object.entries(run.waits)) {
        const kernel = recordedFigures(recorded);
        const model = simulatedFigures(waits.get(task));
        const place = placeOf(run, task);
        const apart = JUDGED.filter(name => !isMaximum(name, Math.min(kernel.count, model.count))).filter(
          name =>
            !tally.that(
              name,
              near(kernel.of[name], model.of[name]),
              () => `${place}: ${name} ${kernel.of[name]} us, ours ${short(model.of[name])} us`,
            ),
        );
        details.push(row(run, task, 'kernel', kernel, ''), row(run, task, 'model', model, apart.join(' ')));
        if (!/contention/.test(run.permutation)) {
          const key = `${run.permutation}/${run.cpus}/${task}`;
          const other = medians.get(key);
          const median = model.of.p50;
          if (other === undefined) medians.set(key, median);
          else
            tally.that(
              'median unchanged',
              Math.abs(median - other) <= MEDIAN_SHARE * other,
              () => `${place}: median ${median}, with proxy execution ${other}`,
            );
        }
      }
    }
    return { ...tally.verdict(), details };
  },
};

const placeOf = ({ permutation, cpus, proxy_exec }: DemoRun, task: string): string =>
  `${permutation}, ${cpus} CPUs, proxy ${proxy_exec ? 'on' : 'off'}, ${task}`;

function near(a: number, b: number): boolean {
  const [x, y] = [Math.max(a, DEMO_FLOOR_US), Math.max(b, DEMO_FLOOR_US)];
  return x <= DEMO_FACTOR * y && y <= DEMO_FACTOR * x;
}

function row(
  { permutation, cpus, proxy_exec }: DemoRun,
  task: string,
  of: string,
  { count, max, of: figures }: WaitFigures,
  apart: string,
): DetailRow {
  const us = Object.fromEntries(JUDGED.map(name => [name, short(figures[name])]));
  return { permutation, cpus, proxy: proxy_exec ? 'on' : 'off', task, of, count, ...us, max: short(max), apart };
}

/** Three digits are enough to tell what is a factor apart. */
const short = (us: number): number => Number(us.toPrecision(3));
