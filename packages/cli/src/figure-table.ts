import { plainTable } from '@proxysched/trace';
import type { FinishedRun } from './simulate.js';

/** Tasks that are listed. */
const MOST = 24;

const HEADER = ['jobs', 'released', 'done', 'missed', 'min ms', 'mean ms', 'max ms', 'preempted', 'resumed', 'blocked'];

/** With a research class: what became of the jobs of each task. Responses in ms. */
export function figureTable({ info, metrics, figures }: FinishedRun): string {
  if (info.locks === undefined) return '';
  const rows = metrics.tasks.slice(0, MOST).map(({ task }) => {
    const { released, completed, missed, minResponse, maxResponse, sumResponse, preemptions, resumes, blockings } = figures[task.pid - 1]!;
    const times =
      minResponse === null ? ['-', '-', '-'] : [minResponse, sumResponse / completed, maxResponse].map(ns => (ns / 1e6).toFixed(3));
    return [task.comm, ...[released, completed, missed].map(String), ...times, ...[preemptions, resumes, blockings].map(String)];
  });
  const hidden = metrics.tasks.length - rows.length;
  const table = plainTable(['<', ...HEADER.slice(1).map(() => '>' as const)], [HEADER, ...rows]);
  return hidden > 0 ? `${table} … and ${hidden} more (--json has all)\n` : table;
}
