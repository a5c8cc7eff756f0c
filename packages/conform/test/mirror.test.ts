/** The mirror test on the recordings that come with the sources: what the model reaches stays reached. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  conformFile,
  explainRecording,
  firstDivergence,
  KINDS,
  mirrorBars,
  overlaySvg,
  runRecording,
  spells,
  type FileResult,
  type Recording,
} from '../src/index.js';

const DATA = join(import.meta.dirname, '..', 'data', 'kernel');
const text = (file: string): string => readFileSync(join(DATA, file), 'utf8');
const files = readdirSync(DATA).filter(file => file.endsWith('.json'));
const results: readonly FileResult[] = files.map(file => conformFile(file, text(file), KINDS));

test('the kernel repeats itself in these, and so do we', () => {
  const exact = [
    'rt-01-fifo-prios',
    'rt-02-rr',
    'rt-g00',
    'dl-02-three',
    'dl-g00',
    'px-02-inversion-rt',
    'px-g10',
    'px-g18',
    'px-g18.no-proxy',
    'px-g22',
    'px-g22.no-proxy',
  ];
  for (const name of exact) {
    const result = results.find(r => r.path === `${name}.json`)!;
    expect({ name, overlap: result.metrics['overlap'] }).toEqual({ name, overlap: expect.any(Number) as number });
    expect(result.metrics['overlap'] as number).toBeGreaterThan(0.95);
  }
});

test('every recording is judged by two values, and its figures are there', () => {
  expect(results.map(r => [r.kind, r.compared])).toEqual(files.map(() => ['recording', 2]));
  console.log(`${results.length} recordings, ${results.filter(r => r.ok).length} as close as the kernel to itself`);
});

test('the bars take every recording in, and families by their names', () => {
  const bars = mirrorBars(results);
  expect(bars.map(b => b.name)).toContain('median overlap, written proxy, one CPU');
  expect(bars[0]).toMatchObject({ over: `${files.length} files`, bar: 0.85 });
  // What could not be run counts as far off.
  const broken = { ...results[0]!, path: 'x.json', ok: false, metrics: {}, invalid: 'no' };
  expect(mirrorBars([...results, broken])[0]!.reached).toBeLessThan(bars[0]!.reached + 1e-9);
  expect(mirrorBars([])).toEqual([]);
});

test('our run tells operations by the list of the task, a back-off too', () => {
  const recording = {
    id: 'x',
    machine: { config: { proxy_exec: true, hz: 1000, cpus: 2, tick_phase_us: 0 } },
    duration_us: 20_000,
    cgroups: [],
    tasks: ['A', 'B'].map((name, i) => ({
      ...{ name, policy: 'fair', nice: 0, cpus: [i], start_us: i * 400, loops: -1 },
      ops: [
        ['wbegin', 0],
        ['wlock', i],
        ['run', 1500],
        ['wlock', 1 - i],
        ['run', 800],
        ['wunlock', 1 - i],
        ['wunlock', i],
        ['wend', 0],
        ['sleep', 2000],
      ],
    })),
  };
  const { events } = runRecording('x.json', JSON.stringify(recording));
  const told = events.flatMap(e => (e[0] === 'op' && Number(e[4]) >= 0 ? [`${e[4]} ${e[5]} ${e[6]}`] : []));
  expect([...new Set(told)].sort()).toEqual(
    ['1 wlock req', '1 wlock got', '1 wlock rel', '3 wlock req', '3 wlock got', '3 wlock err', '5 wunlock rel', '6 wunlock rel'].sort(),
  );
});

describe('the first divergence', () => {
  const base: Recording = {
    id: 'x',
    tasks: [],
    duration_us: 1000,
    events: [
      ['switch', 0, 0, '-', 'R', 'a'],
      ['switch', 400, 0, 'a', 'R+', 'b'],
      ['switch', 600, 0, 'b', 'R+', 'a'],
    ],
  };

  test('is none of a run with itself', () => {
    expect(firstDivergence(base, base)).toBeNull();
  });

  test('is where another task follows, at the earlier of the two', () => {
    const other = { ...base, events: [base.events[0]!, ['switch', 390, 0, 'a', 'R+', 'c'] as const] };
    expect(firstDivergence(base, other)).toMatchObject({
      cpu: 0,
      same: 1,
      at: 390,
      recorded: { task: 'b', from: 400 },
      ours: { task: 'c', from: 390 },
    });
  });

  test('does not see spells of less than 20 us, nor foreign threads', () => {
    const brief = {
      ...base,
      events: [
        ...base.events.slice(0, 1),
        ['switch', 100, 0, 'a', 'R+', 'z'] as const,
        ['switch', 119, 0, 'z', 'S', 'a'] as const,
        ...base.events.slice(1),
      ],
    };
    expect(firstDivergence(base, brief)).toBeNull();
    const foreign = {
      ...base,
      events: base.events.map(e => (e[0] === 'switch' && e[5] === 'b' ? (['switch', e[1], e[2], 'a', 'R+', '~kworker'] as const) : e)),
    };
    expect(spells(foreign, 0).map(s => s.task)).toEqual(['a', '-', 'a']);
  });

  test('is explained by both sides and the keys of our queue', () => {
    const said = explainRecording('fair-06-sleeper.json', text('fair-06-sleeper.json'));
    expect(said).toMatch(/parts on CPU 0 after \d+ switches/);
    expect(said).toMatch(/avg_vruntime -?\d+/);
    expect(said).toContain('queued in the model before that pick');
  });
});

test('a picture has both runs for each CPU, and every task in its legend', () => {
  const file = 'px-20-migrate-donor.json';
  const recorded = JSON.parse(text(file)) as Recording;
  const svg = overlaySvg(recorded, runRecording(file, text(file)));
  for (const label of ['CPU 0 kernel', 'CPU 0 model', 'CPU 1 kernel', 'CPU 1 model', ...recorded.tasks.map(t => t.name)])
    expect(svg).toContain(`>${label}<`);
});

test('a recording without repeats is run and not judged', () => {
  const recorded = JSON.parse(text('rt-g00.json')) as Record<string, unknown>;
  delete recorded['repeats'];
  const result = conformFile('mine.json', JSON.stringify(recorded), KINDS);
  expect(result).toMatchObject({ kind: 'recording', ok: true, notJudged: ['agreement: the recording has no repeats'] });
});
