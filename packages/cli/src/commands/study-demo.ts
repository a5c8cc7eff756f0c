import { DEMO_PERMUTATIONS, runInversionDemo, type DemoFigures } from '@proxysched/study';
import { demoTable } from '../demo-study-report.js';
import { parseGeneration } from '../generation.js';
import type { Io } from '../io.js';
import { parseUntil } from '../parse-until.js';
import { workInProgress } from '../work-in-progress.js';

export interface DemoStudyOptions {
  readonly cpus: readonly number[];
  readonly proxy: string;
  readonly fair: readonly string[];
  readonly until: string;
  readonly json?: boolean;
}

/** The seven permutations of priority-inversion-demo, without and with proxy execution, for each number of CPUs and each fair class. */
export function studyDemo({ cpus, proxy, fair, until, json }: DemoStudyOptions, io: Io): void {
  const generation = parseGeneration(proxy);
  const length = parseUntil(until);
  const machines = cpus.flatMap(n => fair.map(version => ({ cpus: n, fair: version })));
  const progress = workInProgress(io, machines.length * DEMO_PERMUTATIONS.length * 2);
  const runs = machines.map(machine => ({
    ...machine,
    figures: DEMO_PERMUTATIONS.flatMap(permutation =>
      (['off', generation] as const).map((each): DemoFigures => {
        progress.next(`${permutation.name} ${each}`);
        return runInversionDemo(permutation, { ...machine, generation: each, length });
      }),
    ),
  }));
  progress.clear();
  if (json === true) {
    const figures = runs.flatMap(r => r.figures);
    io.stdout.write(`${JSON.stringify({ schema: 'proxysched/study-demo/1', length, runs: figures }, null, 2)}\n`);
  } else {
    io.stdout.write(runs.map(r => demoTable(r.figures, { ...r, generation })).join('\n'));
  }
}
