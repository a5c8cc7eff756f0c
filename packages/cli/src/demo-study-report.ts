import { PUBLISHED, type DemoFigures } from '@proxysched/study';
import { plainTable } from '@proxysched/trace';

/** Two lines for each permutation, without and with proxy execution, and beside them what published runs span. */
export function demoTable(
  figures: readonly DemoFigures[],
  { cpus, fair, generation }: { cpus: number; fair: string; generation: string },
): string {
  const us = (ns: number): string => (ns / 1000).toFixed(1);
  const ms = (ns: number): string => String(Number(Number((ns / 1e6).toPrecision(3)).toFixed(3)));
  const rows = figures.map(f => {
    const { maxMs, meanUs } = PUBLISHED[f.permutation]![f.generation === 'off' ? 'off' : 'on'];
    return [
      f.generation === 'off' ? f.permutation : '',
      f.generation,
      String(f.count),
      us(f.mean),
      us(f.p50),
      ms(f.p999),
      ms(f.max),
      meanUs.map(Math.round).join('-'),
      maxMs.map(Math.round).join('-'),
    ];
  });
  const table = plainTable(
    ['<', '<', '>', '>', '>', '>', '>', '>', '>'],
    [['permutation', 'proxy', 'count', 'mean us', 'p50', '99.9 ms', 'max ms', 'mean', 'max'], ...rows],
  );
  return (
    ` priority-inversion-demo on ${cpus} CPUs, fair class of ${fair}, proxy off and ${generation}\n\n${table}\n` +
    ' a way of the foreground through the lock; the last two columns: published\n' +
    ' runs of 30 s on kernels 6.0 to 6.8, us and ms, lowest to highest\n'
  );
}
