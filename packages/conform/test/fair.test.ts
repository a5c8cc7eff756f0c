/** Every file of recorded values of the fair class, at class level and in the machine. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conformFile } from '../src/index.js';

const FOLDER = join(import.meta.dirname, '..', 'data', 'fair');
const NAMES = readdirSync(FOLDER).filter(name => name.endsWith('.json'));
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

const compared = { class: 0, simulator: 0, units: 0, balance: 0 };
afterAll(
  () =>
    void process.stdout.write(
      `fair: ${compared.class} values at class level, ${compared.simulator} at simulator level, ${compared.units} of units, ${compared.balance} of balancing, in ${NAMES.length} files\n`,
    ),
);

test.each(NAMES)('%s', name => {
  const result = conformFile(name, read(name));
  const { metrics } = result;
  if (name.startsWith('seq-')) {
    expect(result.kind).toBe('fair-sequence');
    compared.class += Number(metrics['class']);
    compared.simulator += Number(metrics['simulator']);
  } else if (name.startsWith('balance-')) {
    expect(result.kind).toBe('fair-balance');
    compared.balance += result.compared;
  } else {
    expect(result.kind).toBe('fair-unit');
    compared.units += result.compared;
  }
  expect({ first: result.first, failed: result.failed, ok: result.ok }).toEqual({ first: undefined, failed: 0, ok: true });
});

interface Loose {
  workloads: {
    ops: { t: string; ents: (string | number | null)[][]; resched: number; next?: string | null }[];
    switches: unknown[][];
    sum_exec: Record<string, string>;
  }[];
}

/** A file with one recorded value changed. */
function spoiled(change: (file: Loose) => void): string {
  const file = JSON.parse(read('seq-7.3-equal.json')) as Loose;
  change(file);
  return JSON.stringify(file);
}

test.each<[string, (file: Loose) => void, RegExp]>([
  [
    'a vruntime',
    f => (f.workloads[0]!.ops[10]!.ents[0]![3] = '123'),
    /^class level, s73-equal-0, op 10 .* vruntime of t\d: expected 123, found -?\d+$/,
  ],
  ['a pick', f => (f.workloads[0]!.ops.find(op => op.next === 't2')!.next = 't9'), /next: expected "t9", found "t2"$/],
  ['a resched', f => (f.workloads[0]!.ops[3]!.resched ^= 1), /^class level, .*op 3 .* resched: expected/],
  ['a switch', f => (f.workloads[0]!.switches[5]![3] = 't9'), /^simulator level, s73-equal-0, switch 5 at \d+/],
  ['a sum', f => (f.workloads[1]!.sum_exec['t1'] = '1'), /^simulator level, s73-equal-1, sum_exec of t1: expected 1, found \d+$/],
])('%s that is wrong is noticed, with its place', (_what, change, first) => {
  const result = conformFile('spoiled', spoiled(change));
  expect(result.ok).toBe(false);
  expect(result.first).toMatch(first);
});

test('a file whose workload is no workload is invalid, and the message says where', () => {
  const result = conformFile(
    'strange',
    spoiled(f => (f.workloads[0]!.sum_exec = 'none' as never)),
  );
  expect(result.invalid).toMatch(/workloads\.0\.sum_exec/);
});
