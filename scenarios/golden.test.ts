import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenario, TraceSink } from '@proxysched/core';
import { GENERATIONS as ALL, generationOptions, linux, RESOLVERS, type ResolverName } from '@proxysched/preset-linux';
import { createSimulation } from '@proxysched/sim';
import { ColumnSink, computeMetrics, DigestSink, judge, TextSink, type RunInfo } from '@proxysched/trace';
import { readWorkload, type ReadResult } from '@proxysched/workload';
import { testedTime } from './tested-time.js';

/**
 * Each scenario is a folder, and its trace is the test: `expected.trace` under the default generation, `expected.off.trace`
 * without proxy execution. `npm run goldens` writes them anew; the diff is what a review is about.
 */
const FOLDERS = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter(entry => entry.isDirectory() && existsSync(join(import.meta.dirname, entry.name, 'scenario.yaml')))
  .map(entry => entry.name);

const GENERATIONS: readonly (readonly [ResolverName, string])[] = [
  ['7.3', 'expected.trace'],
  ['off', 'expected.off.trace'],
];

/** Long scenarios are run this far here. */
const LONGEST = 2_000_000_000;

/** A long trace is kept as its two ends; the digest stands for what is between. */
const HEAD = 600;
const TAIL = 100;

describe.each(FOLDERS)('scenarios/%s', folder => {
  const file = join(import.meta.dirname, folder, 'scenario.yaml');
  const { scenario: whole, expectations } = load(file);
  const scenario = { ...whole, until: testedTime(folder, whole.until, LONGEST) };

  /** One run with everybody listening serves all that is asked of it. */
  const seen = new Map<ResolverName, Observed>();
  const observed = (generation: ResolverName): Observed => {
    const known = seen.get(generation) ?? observe(scenario, generation);
    if (GENERATIONS.some(([name]) => name === generation)) seen.set(generation, known);
    return known;
  };
  afterAll(() => seen.clear());

  test.each(GENERATIONS)('%s: the trace is %s', (generation, golden) => {
    const { lines, digest } = observed(generation);
    const trace = `${excerpt(lines).join('\n')}\n# ${lines.length} lines, digest ${digest}\n`;
    const path = join(import.meta.dirname, folder, golden);
    if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(path, trace);
    expect(trace).toBe(readFileSync(path, 'utf8'));
  });

  test.each(GENERATIONS)('%s: twice the same, and observers change nothing', generation => {
    expect(run(scenario, generation, () => [])).toBe(observed(generation).digest);
  });

  /** All generations, and the protocols that the scenario says something about. */
  const named = expectations.flatMap(e => [...(e.under ?? []), ...e.except]);
  const resolvers = (Object.keys(RESOLVERS) as ResolverName[]).filter(name => name in ALL || named.includes(name));

  test.each(resolvers)('%s: what the scenario expects of it holds', generation => {
    const metrics = computeMetrics(observed(generation).columns);
    const mine = expectations.filter(e => (e.under?.includes(generation) ?? true) && !e.except.includes(generation));
    expect(mine.length).toBeGreaterThan(0);
    expect(mine.flatMap(e => (judge(e.claim, metrics).holds ? [] : [`${e.text}, found ${judge(e.claim, metrics).found}`]))).toEqual([]);
  });

  test('its README says in three sentences what it is and what must hold', () => {
    const text = readFileSync(join(import.meta.dirname, folder, 'README.md'), 'utf8');
    expect(text).toMatch(/What must hold/);
  });
});

function load(file: string): Extract<ReadResult, { ok: true }> {
  const read = readWorkload(readFileSync(file, 'utf8'), { file, generations: Object.keys(RESOLVERS) });
  if (!read.ok) throw new Error(read.diagnostics.map(d => `${d.file}:${d.line}:${d.column} ${d.message}`).join('\n'));
  return read;
}

interface Observed {
  readonly columns: ColumnSink;
  /** Only of generations that have a golden trace. */
  readonly lines: readonly string[];
  readonly digest: string;
}

function observe(scenario: Scenario, generation: ResolverName): Observed {
  const columns = new ColumnSink();
  const lines: string[] = [];
  const written = GENERATIONS.some(([name]) => name === generation);
  const digest = run(scenario, generation, info => [columns, ...(written ? [new TextSink(line => lines.push(line), info)] : [])]);
  return { columns, lines, digest };
}

function run(scenario: Scenario, generation: ResolverName, listen: (info: RunInfo) => readonly TraceSink[]): string {
  const digest = new DigestSink();
  const { name, machine, seed, until } = scenario;
  // The golden is about the run: the version and the dials, which every new option would move, are left out of its header.
  const info = {
    workload: name,
    cpus: machine.cpus,
    proxy: generation,
    seed,
    until,
    classes: [] as readonly string[],
    options: {},
    version: '-',
  };
  const options = { ...generationOptions(generation), ...scenario.options };
  const simulation = createSimulation({ ...scenario, options }, linux(generation), [digest, ...listen(info)]);
  info.classes = simulation.classes;
  simulation.run();
  return digest.digest();
}

function excerpt(lines: readonly string[]): readonly string[] {
  if (lines.length <= HEAD + TAIL) return lines;
  return [...lines.slice(0, HEAD), `# … ${lines.length - HEAD - TAIL} lines …`, ...lines.slice(-TAIL)];
}
