/** Our figures are those of the recordings' own script, `agree.py`, which defines them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agreement, runRecording, type Recording } from '../src/index.js';

const DATA = join(import.meta.dirname, '..', 'data', 'kernel');
const path = (name: string): string => join(DATA, `${name}.json`);
const text = (name: string): string => readFileSync(path(name), 'utf8');
const read = (name: string): Recording => JSON.parse(text(name)) as Recording;

/** One line of the script, as it prints it. */
interface Figures {
  readonly overlap: number;
  readonly share_error: number;
  readonly lock_waits: { readonly tasks: number; readonly in_span: number };
  readonly responses: { readonly tasks: number; readonly in_span: number };
}

/** What the script said of pairs of recordings: `python3 agree.py A B` for each, stored, so that it is held against everywhere. */
const STORED = JSON.parse(readFileSync(join(import.meta.dirname, 'agree-figures.json'), 'utf8')) as readonly (Figures & {
  a: string;
  b: string;
})[];

/** What the script says now; `null` where the machine has no python. */
function script(a: string, b: string): Figures | null {
  try {
    return JSON.parse(execFileSync('python3', [join(DATA, 'agree.py'), a, b], { encoding: 'utf8', stdio: 'pipe' })) as Figures;
  } catch {
    return null;
  }
}

function expectFigures(ours: ReturnType<typeof agreement>, theirs: Figures): void {
  expect(ours.overlap).toBeCloseTo(theirs.overlap, 4);
  expect(ours.shareError).toBeCloseTo(theirs.share_error, 4);
  expect({ tasks: ours.lockWaits.tasks, in_span: ours.lockWaits.inSpan }).toEqual(theirs.lock_waits);
  expect({ tasks: ours.responses.tasks, in_span: ours.responses.inSpan }).toEqual(theirs.responses);
}

test.each(STORED.map(row => [row.a, row.b, row] as const))('%s against %s: as the script said', (a, b, row) => {
  expectFigures(agreement(read(a), read(b)), row);
});

test('the stored figures are many and not all alike', () => {
  expect(STORED.length).toBeGreaterThan(10);
  expect(new Set(STORED.map(row => row.overlap)).size).toBeGreaterThan(5);
});

test.each(['px-g18', 'px-20-migrate-donor', 'rt-smp-g00', 'fair-14-periodic-set'])(
  'our run of %s: as the script says, where there is python',
  name => {
    const folder = mkdtempSync(join(tmpdir(), 'mirror-'));
    try {
      const ours = join(folder, `${name}.json`);
      const run = runRecording(name, text(name));
      writeFileSync(ours, JSON.stringify(run));
      const theirs = script(path(name), ours);
      if (theirs !== null) expectFigures(agreement(read(name), run), theirs);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

test('a run agrees with itself', () => {
  for (const { a } of STORED) expect(agreement(read(a), read(a))).toMatchObject({ overlap: 1, shareError: 0 });
});
