import type { PolicyVerdict, StormRun, StudyWorkload } from '@proxysched/study';
import { msText, plainTable, wrap } from '@proxysched/trace';

/** A line per policy: who was fooled, what was missed, how long it took, what it cost, and what went on meanwhile. */
export function deadlockTable(verdicts: readonly PolicyVerdict[], generation: string, workloads: readonly StudyWorkload[]): string {
  const percent = (share: number): string => `${Math.round(100 * share)}%`;
  const of = (n: number, all: number): string => (all === 0 ? '-' : `${n}/${all}`);
  const slowest = (v: PolicyVerdict): string => (v.slowest === null ? '-' : v.slowest === 0 ? 'at once' : msText(v.slowest));
  const table = plainTable(
    ['<', '>', '>', '>', '>', '>', '>', '>'],
    [
      ['policy', 'fooled', 'missed', 'slowest', 're-picks', 'links', 'cycle', 'honest'],
      ...verdicts.map(v => [
        v.policy,
        of(v.fooled, v.honest),
        of(v.missed, v.cycles),
        slowest(v),
        String(v.repicks),
        thousands(v.links),
        v.cycles === 0 ? '-' : percent(v.progressWithCycle),
        v.honest === 0 ? '-' : percent(v.progressHonest),
      ]),
    ],
  );
  const what = wrap(` deadlock policies under ${generation}, on ${workloads.map(w => w.name).join(', ')}`, 78, '  ');
  return (
    `${what.join('\n')}\n\n${table}\n` +
    ' fooled: honest workloads called a deadlock   missed: true cycles not named\n' +
    ' slowest: from the closing of a cycle to its being named   links: walked\n' +
    ' cycle, honest: tasks outside any cycle that got their work done\n'
  );
}

/** A line per generation. */
export function stormTable(runs: readonly StormRun[], cpus: number): string {
  const table = plainTable(
    ['<', '<', '>', '>', '>', '>', '>', '>', '>', '>'],
    [
      ['proxy', 'ends', 'at ms', 'done', 're-picks', 'most', 'moves', 'wasted', 'returns', 'idle'],
      ...runs.map(r => [
        r.generation,
        r.outcome,
        (r.at / 1e6).toFixed(3),
        `${r.finished}/${r.tasks}`,
        String(r.repicks),
        String(r.mostRepicks),
        String(r.proxyMoves),
        String(r.wastedMoves),
        String(r.returns),
        String(r.idleVisits),
      ]),
    ],
  );
  return (
    ` a boot-like storm on ${cpus} CPUs: one chain of locks, one contended mutex\n\n${table}\n` +
    " most: re-picks in one pass   moves: of contexts to an owner's CPU\n" +
    ' wasted: of these, to where the end of the chain is not   returns: home again\n' +
    ' idle: visits of the idle task that free a CPU for a moment\n'
  );
}

/** `2.46 M`, `56 k`. */
function thousands(n: number): string {
  if (n >= 1e6) return `${(n / 1e6).toFixed(2)} M`;
  return n >= 10_000 ? `${Math.round(n / 1000)} k` : String(n);
}
