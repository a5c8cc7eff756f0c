import type { DeadlockRun, PolicyVerdict, StormRun, StudyWorkload, Verdict } from '@proxysched/study';
import { msText, plainTable, wrap } from '@proxysched/trace';

/** Wide enough for every policy with a name of its parts; of a longer path the end says more than the beginning. */
const NAME = 25;

/** One letter for each verdict; what a terminal and a picture show. */
export const LETTERS: Readonly<Record<Verdict, string>> = {
  silent: '.',
  'false alarm': 'f',
  harm: 'F',
  opened: 'o',
  named: 'n',
  ended: 'e',
  missed: 'M',
};

/** Who was fooled, what was missed and how long it took; what that cost and what went on meanwhile; and every cell of the matrix. */
export function deadlockTables(
  runs: readonly DeadlockRun[],
  verdicts: readonly PolicyVerdict[],
  generation: string,
  workloads: readonly StudyWorkload[],
): string {
  const what = ` ${verdicts.length} deadlock policies under ${generation}, on ${workloads.length} workloads`;
  return [
    `${what}\n\n`,
    noticing(verdicts),
    '\n',
    cost(verdicts),
    '\n',
    matrix(runs, verdicts, workloads),
    '\n',
    ' f false alarm, and all got their work done   F and not all did   . silence\n',
    ' o cycle named and opened, all went on   n named, all outside it went on\n',
    ' e named, and others stopped too   M missed   8z: 8, one of them long asleep\n',
  ].join('');
}

function noticing(verdicts: readonly PolicyVerdict[]): string {
  const of = (n: number, all: number): string => (all === 0 ? '-' : `${n}/${all}`);
  return (
    plainTable(
      ['<', '>', '>', '>', '>', '>', '>'],
      [
        ['policy', 'fooled', 'missed', 'named', 'walked', 'opened', 'longest'],
        ...verdicts.map(v => [
          clipped(v.policy),
          of(v.fooled, v.honest),
          of(v.missed, v.cycles),
          timeText(v.slowest),
          v.slowestLinks === null ? '-' : thousands(v.slowestLinks),
          timeText(v.openAfter),
          thousands(v.mostLinks),
        ]),
      ],
    ) +
    ' fooled: honest workloads called a deadlock   missed: true cycles not named\n' +
    ' named: time from the closing of a cycle to its being named, the longest\n' +
    ' walked: links followed meanwhile   opened: time to the end of a wait in it\n' +
    ' longest: links of one walk, during which the queue is locked\n'
  );
}

function cost(verdicts: readonly PolicyVerdict[]): string {
  const percent = (share: number): string => `${Math.round(100 * share)}%`;
  return (
    plainTable(
      ['<', '>', '>', '>', '>', '>'],
      [
        ['policy', 're-picks', 'links', 'outside', 'members', 'honest'],
        ...verdicts.map(v => [
          clipped(v.policy),
          String(v.repicks),
          thousands(v.links),
          v.cycles === 0 ? '-' : percent(v.progressWithCycle),
          v.cycles === 0 ? '-' : percent(v.progressInCycle),
          v.honest === 0 ? '-' : percent(v.progressHonest),
        ]),
      ],
    ) + ' tasks that got their work done: outside a cycle, its members, in honest work\n'
  );
}

/** A letter for each policy and workload, under headings of two lines: kind and size. */
function matrix(runs: readonly DeadlockRun[], verdicts: readonly PolicyVerdict[], workloads: readonly StudyWorkload[]): string {
  const found = new Map(runs.map(r => [`${r.policy} ${r.workload}`, LETTERS[r.verdict]]));
  const columns = workloads.map(({ name }) => ({ name, ...headOf(name) }));
  const kinds = [...new Set(columns.map(c => c.kind))].map(kind => ({ kind, columns: columns.filter(c => c.kind === kind) }));
  const row = (name: string, block: (kind: (typeof kinds)[number]) => string): string => {
    const blocks = kinds.map(k =>
      block(k).padEnd(
        Math.max(
          k.kind.length,
          k.columns.reduce((sum, c) => sum + c.size.length + 1, -1),
        ),
      ),
    );
    return `${` ${name.padEnd(NAME)}  ${blocks.join('  ')}`.trimEnd()}\n`;
  };
  const cells = (k: (typeof kinds)[number], text: (c: (typeof columns)[number]) => string): string =>
    k.columns.map(c => text(c).padStart(c.size.length)).join(' ');
  return [
    row('', k => k.kind),
    row('policy', k => cells(k, c => c.size)),
    ...verdicts.map(v => row(clipped(v.policy), k => cells(k, c => found.get(`${v.policy} ${c.name}`) ?? ' '))),
  ].join('');
}

/** `cycle-16` is a cycle of 16, `asleep-8` one of `8z`, `chain-1024` a chain of `1k`. */
function headOf(workload: string): { readonly kind: string; readonly size: string } {
  const [kind = workload, size = ''] = workload.split('-');
  if (kind === 'asleep') return { kind: 'cycle', size: `${size}z` };
  return { kind, size: Number(size) < 1000 ? size : `${Math.floor(Number(size) / 1000)}k` };
}

function clipped(policy: string): string {
  return policy.length <= NAME ? policy : `…${policy.slice(1 - NAME)}`;
}

function timeText(ns: number | null): string {
  if (ns === null) return '-';
  return ns === 0 ? 'at once' : msText(ns);
}

/** A line per generation, and what became of the pass that was called a deadlock. */
export function stormTable(runs: readonly StormRun[], cpus: number): string {
  const table = plainTable(
    ['<', '<', '>', '>', '>', '>', '>', '>', '>', '>', '>'],
    [
      ['proxy', 'ends', 'at ms', 'done', 're-picks', 'mean', 'most', 'moves', 'wasted', 'back', 'idle'],
      ...runs.map(r => [
        r.generation,
        r.outcome,
        (r.at / 1e6).toFixed(3),
        String(r.finished),
        String(r.repicks),
        r.passes === 0 ? '-' : (r.repicks / r.passes).toFixed(1),
        String(r.mostRepicks),
        String(r.proxyMoves),
        String(r.wastedMoves),
        String(r.returns),
        String(r.idleVisits),
      ]),
    ],
  );
  return (
    ` a boot-like storm, ${runs[0]?.tasks ?? 0} tasks on ${cpus} CPUs: a long chain, one contended mutex\n\n${table}\n` +
    " mean, most: re-picks of a pass that picks again   moves: to an owner's CPU\n" +
    ' wasted: of these, after which the context lent no time there   back: home again\n' +
    ' idle: visits of the idle task that free a CPU for a moment\n' +
    `${longestPass(runs)}${falseAlarm(runs)}`
  );
}

/** The longest pass of a run that went on to its end. */
function longestPass(runs: readonly StormRun[]): string {
  const ended = runs.filter(r => r.outcome === 'finished' && r.longPasses.length > 0);
  if (ended.length === 0) return '';
  const longest = ended.reduce((a, b) => (b.mostRepicks > a.mostRepicks ? b : a));
  const { cpu, at, repicks } = longest.longPasses.find(pass => pass.repicks === longest.mostRepicks)!;
  return told(
    `the longest honest pass: ${repicks} re-picks at one instant on CPU ${cpu} under ${longest.generation}, at ${(at / 1e6).toFixed(3)} ms. ` +
      `It ended, and ${longest.finished} of ${longest.tasks} tasks got their work done`,
  );
}

/** What the debug build of June 2023 stopped at, and how the same pass goes on where nobody stops it. */
function falseAlarm(runs: readonly StormRun[]): string {
  const stopped = runs.find(r => r.outcome === 'false alarm');
  const alarm = stopped?.longPasses.at(-1);
  if (stopped === undefined || alarm === undefined) return '';
  const twin = runs.find(r => `${r.generation}-debug` === stopped.generation);
  const same = twin?.longPasses.find(pass => pass.at === alarm.at && pass.cpu === alarm.cpu);
  const after = same === undefined ? '' : `; under ${twin!.generation} that pass ends after ${same.repicks}`;
  return told(
    `${stopped.generation} stops at re-pick ${alarm.repicks} on CPU ${alarm.cpu} at ${(alarm.at / 1e6).toFixed(3)} ms: ` +
      `"retry count > 50", a false alarm${after}`,
  );
}

function told(sentence: string): string {
  return `\n${wrap(` ${sentence}`, 78, ' ').join('\n')}\n`;
}

/** `2.46 M`, `56 k`. */
export function thousands(n: number): string {
  if (n >= 1e6) return `${(n / 1e6).toFixed(2)} M`;
  return n >= 10_000 ? `${Math.round(n / 1000)} k` : String(n);
}
