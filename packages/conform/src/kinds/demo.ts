import type { Conformance, DetailRow } from '../conformance.js';
import { isDemo, readDemo, type DemoRun } from '../demo/demo-file.js';
import { runDemo } from '../demo/run-demo.js';
import { isMaximum, JUDGED, medianFigures, recordedFigures, simulatedFigures, type WaitFigures } from '../demo/wait-figures.js';
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
 * The priority inversion demo on a real kernel: the model runs each permutation, several times (`runDemo`), and mean and percentiles of the waits of
 * each task that takes the lock are to be within a factor of three of those recorded in the run or in a repetition of it. A percentile that is the
 * largest of its samples is shown and not judged, as maxima are. Without contention the median is to be the same with and without proxy
 * execution.
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
      const sinks = runDemo(path, file, run);
      const course = courseOf(run);
      const repeats = file.runs.filter(other => other !== run && courseOf(other) === course);
      for (const [task, recorded] of Object.entries(run.waits)) {
        const kernel = recordedFigures(recorded);
        const model = medianFigures(sinks.map(({ waits }) => simulatedFigures(waits.get(task))));
        const again = repeats.flatMap(({ waits: { [task]: w } }) => (w === undefined ? [] : [recordedFigures(w)]));
        const place = placeOf(run, task);
        const apart = JUDGED.filter(name => !isMaximum(name, Math.min(kernel.count, model.count))).filter(
          name =>
            !tally.that(
              name,
              [kernel, ...again].some(({ of }) => near(of[name], model.of[name])),
              () => `${place}: ${name} ${kernel.of[name]} us, ours ${short(model.of[name])} us`,
            ),
        );
        details.push(row(run, task, 'kernel', kernel, ''), row(run, task, 'model', model, apart.join(' ')));
        if (lockUsers(run) === 1) {
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

const lockUsers = ({ waits }: DemoRun): number => Object.keys(waits).length;

/**
 * What can make a difference to a run; runs that have it in common are repetitions of each other. Proxy execution makes none where one task
 * alone takes the lock, and neither it nor weights do where each task has a CPU of its own.
 */
function courseOf(run: DemoRun): string {
  const { permutation, cpus, proxy_exec, tasks } = run;
  if (tasks.length <= cpus) return `${cpus} CPUs: ${tasks.map(({ name }) => name).join(' ')}`;
  return `${cpus} CPUs: ${permutation}${lockUsers(run) === 1 ? '' : ` ${proxy_exec}`}`;
}

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
