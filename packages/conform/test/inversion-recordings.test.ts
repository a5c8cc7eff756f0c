import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockWaits, runRecording, type Recording } from '../src/index.js';

const DATA = join(import.meta.dirname, '..', 'data', 'kernel');

describe('the inversion workloads of the recordings, proxy execution on and off', () => {
  // Bar: the longest lock wait of High within the span of the three recorded runs, widened by a quarter.
  test.each([
    'px-01-inversion-nice',
    'px-01-inversion-nice.no-proxy',
    'px-02-inversion-rt',
    'px-02-inversion-rt.no-proxy',
    'px-03-chain-3',
    'px-03-chain-3.no-proxy',
  ])('%s', name => {
    const text = readFileSync(join(DATA, `${name}.json`), 'utf8');
    const spans = (JSON.parse(text) as Recording).repeats!.tasks['High']!.lock_waits!.map(w => w![2]);
    const longest = lockWaits(runRecording(`${name}.json`, text)).get('High')![2];
    process.stdout.write(`${name}: longest lock wait of High ${longest} us, recorded ${spans.join(', ')} us\n`);
    expect(longest).toBeGreaterThanOrEqual(Math.min(...spans) * 0.75);
    expect(longest).toBeLessThanOrEqual(Math.max(...spans) * 1.25);
  });
});
