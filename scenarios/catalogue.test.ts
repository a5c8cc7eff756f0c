/** Every case that proxy execution has been discussed by has its folder, and README.md says which (UPDATE_GOLDENS=1 writes it). */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readWorkload } from '@proxysched/workload';

/** The minimal cases of `proxy-execution.md` 19.11 and the suites of 19.1–19.9, and the folders that are theirs. */
const CASES: readonly (readonly [name: string, folders: RegExp])[] = [
  ...Array.from({ length: 17 }, (_, i) => [`C${i + 1}`, new RegExp(`^c${String(i + 1).padStart(2, '0')}-`)] as const),
  ['C8b', /^c08b-/],
  ['ksched_football', /^ksched[-_]football/],
  ['sched_football', /^sched[-_]football/],
  ['ww mutex self-test: basic', /^ww-selftest-basic$/],
  ['ww mutex self-test: AA', /^ww-selftest-aa$/],
  ['ww mutex self-test: ABBA', /^ww-selftest-abba$/],
  ['ww mutex self-test: cycle', /^ww-selftest-cycle$/],
  ['ww mutex self-test: stress', /^ww-selftest-stress/],
  ['priority-inversion-demo', /^priority-inversion-demo/],
  ['locktorture', /^locktorture/],
  ['M-BWI suite: basic', /^mbwi-basic$/],
  ['M-BWI suite: chain', /^mbwi-chain$/],
  ['M-BWI suite: cross-CPU', /^mbwi-cross-cpu$/],
  ['M-BWI suite: reader/writer', /^mbwi-reader-writer$/],
  ['M-BWI suite: stress', /^mbwi-stress$/],
  ['I/O-wait accounting', /^io-?wait/],
  ['workqueue stall', /^workqueue-stall/],
  ['rwsem race', /^rwsem-race/],
  ['boot of June 2023 (16.1)', /^boot-storm/],
  ['push ping-pong (B02)', /^push-ping-pong/],
  ['charge the runner (13.4)', /^charge-the-runner/],
];

const FOLDERS = readdirSync(import.meta.dirname, { withFileTypes: true })
  .flatMap(entry => (entry.isDirectory() ? [entry.name] : []))
  .sort();
const README = join(import.meta.dirname, 'README.md');

test.each(CASES)('%s has its folder', (_, folders) => {
  expect(FOLDERS.filter(folder => folders.test(folder))).not.toEqual([]);
});

test('README.md says which', () => {
  const text = catalogue(FOLDERS);
  if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(README, text);
  expect(readFileSync(README, 'utf8')).toBe(text);
});

function catalogue(folders: readonly string[]): string {
  const rowsOf = (name: string, belongs: (folder: string) => boolean): string[] =>
    folders.filter(belongs).map(folder => `| ${name} | [\`${folder}\`](${folder}) | ${aboutOf(folder)} |`);
  const cased = CASES.flatMap(([name, pattern]) => rowsOf(name, folder => pattern.test(folder)));
  const others = rowsOf('', folder => !CASES.some(([, pattern]) => pattern.test(folder)));
  return `# Scenarios

Each folder is one experiment: the scenario, three sentences on what it shows and what must hold, and its golden traces with and without proxy
execution. What a scenario expects is checked under every generation by \`npx jest scenarios\`, and by whoever runs it:

    npx proxysched run scenarios/c02-waiter-elsewhere --proxy 7.1

C1 to C17 are minimal cases, each with one mechanism in it; the suites have the shape of tests that kernels are tested with; the rest are stories.

| case | folder | what it shows |
|---|---|---|
${[...cased, ...others].join('\n')}
`;
}

function aboutOf(folder: string): string {
  const file = join(import.meta.dirname, folder, 'scenario.yaml');
  const read = readWorkload(readFileSync(file, 'utf8'), { file });
  if (!read.ok) throw new Error(`${file} cannot be read`);
  return read.scenario.about;
}
