import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { agreement, type Recording } from '../src/index.js';

const DATA = join(import.meta.dirname, '..', 'data', 'kernel');
const read = (name: string): Recording => JSON.parse(readFileSync(join(DATA, `${name}.json`), 'utf8')) as Recording;
const NAMES = ['px-01-inversion-nice', 'px-02-inversion-rt', 'px-03-chain-3'];

/** What the recordings' own script says; `null` where the machine has no python. */
function script(a: string, b: string): Record<string, unknown> | null {
  try {
    const out = execFileSync('python3', [join(DATA, 'agree.py'), join(DATA, `${a}.json`), join(DATA, `${b}.json`)], { encoding: 'utf8', stdio: 'pipe' });
    return JSON.parse(out) as Record<string, unknown>;
  } catch {
    return null;
  }
}

describe('agreement', () => {
  // The script defines the figures; ours must not drift from it.
  test.each(NAMES.flatMap(n => [[n, n], [n, `${n}.no-proxy`], [`${n}.no-proxy`, n]]))('%s against %s: as the script says', (a, b) => {
    const ours = agreement(read(a), read(b));
    const theirs = script(a, b);
    if (theirs === null) return;
    expect(ours.overlap).toBeCloseTo(theirs['overlap'] as number, 4);
    expect(ours.shareError).toBeCloseTo(theirs['share_error'] as number, 4);
    expect({ tasks: ours.lockWaits.tasks, in_span: ours.lockWaits.inSpan }).toEqual(theirs['lock_waits']);
    expect({ tasks: ours.responses.tasks, in_span: ours.responses.inSpan }).toEqual(theirs['responses']);
  });

  test('a run agrees with itself', () => {
    for (const name of NAMES) expect(agreement(read(name), read(name))).toMatchObject({ overlap: 1, shareError: 0 });
  });
});
