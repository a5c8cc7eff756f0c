import { mirrorBars, type DetailRow, type FileResult } from '@proxysched/conform';
import { version } from './version.js';

/** A file in a line, and below it what there is to know more: the first difference, what was not judged. */
export function conformLines(result: FileResult): string {
  const { kind, path, invalid, first, notJudged, ok } = result;
  const state = ok ? 'ok' : invalid === undefined ? 'FAIL' : '-';
  const lines = [
    `${state.padEnd(5)} ${(kind ?? '').padEnd(10)} ${path}: ${invalid ?? (kind === 'recording' && result.metrics['overlap'] !== undefined ? mirrorText(result) : countText(result))}`,
  ];
  if (first !== undefined) lines.push(`      first: ${first}`);
  if (notJudged.length > 0) lines.push(`      not judged: ${notJudged.join(', ')}`);
  return lines.map(line => `${line}\n`).join('') + detailTable(result.details ?? []);
}

/** Figures of both sides in columns; numbers to the right. */
function detailTable(rows: readonly DetailRow[]): string {
  const [first] = rows;
  if (first === undefined) return '';
  const columns = Object.keys(first);
  const align = columns.map(name => (typeof first[name] === 'number' ? ('>' as const) : ('<' as const)));
  const width = columns.map(name => Math.max(name.length, ...rows.map(r => String(r[name]).length)));
  const line = (cells: readonly string[]): string =>
    `      ${cells.map((cell, i) => (align[i] === '>' ? cell.padStart(width[i]!) : cell.padEnd(width[i]!))).join('  ')}`.trimEnd();
  return [line(columns), ...rows.map(r => line(columns.map(name => String(r[name]))))].map(text => `${text}\n`).join('');
}

/** What is of interest in a recording, the kernel's own figures in brackets. */
function mirrorText({ metrics: m }: FileResult): string {
  const figure = (name: string): string => (typeof m[name] === 'number' ? m[name].toFixed(3) : '-');
  const judged = (of: string, all: string): string => (Number(m[all] ?? 0) === 0 ? '-' : `${m[of]}/${m[all]}`);
  const parts =
    m['sameSwitches'] === undefined ? 'same to the end' : `parts after ${m['sameSwitches']} switches at ${m['divergesAtUs']} us`;
  return [
    `overlap ${figure('overlap')} (${figure('kernelOverlapLow')}, ${figure('kernelOverlapMid')})`,
    `share_error ${figure('shareError')} (${figure('kernelShareError')})`,
    `waits ${judged('waitsInSpan', 'waitTasks')}`,
    `responses ${judged('responsesInSpan', 'responseTasks')}`,
    parts,
  ].join('  ');
}

/** `42 values (schedule 30, misses 12)`. */
function countText({ compared, failed, metrics, kind }: FileResult): string {
  const parts = Object.entries(metrics).map(([name, value]) => `${name} ${typeof value === 'number' ? Number(value.toFixed(4)) : value}`);
  const count = `${compared} ${compared === 1 ? 'value' : 'values'}`;
  const all = parts.length === 0 ? count : `${count} (${parts.join(', ')})`;
  if (kind !== null && compared === 0 && failed === 0) return 'nothing in it could be compared';
  return failed === 0 ? all : `${failed} of ${all} differ`;
}

/** The same as a whole. */
export function conformTotal(results: readonly FileResult[]): string {
  const { files, ok, fell, unjudged, compared, failed } = totals(results);
  const rest = unjudged === 0 ? '' : `, ${unjudged} not judged`;
  const bars = mirrorBars(results).map(
    ({ name, reached, bar, over, kernel, ok: good }) =>
      `${good ? 'ok   ' : 'SHORT'} ${name.padEnd(42)} ${reached.toFixed(3)}  (at least ${bar.toFixed(3)}, the kernel ${kernel.toFixed(3)}; ${over})\n`,
  );
  return `${bars.join('')}${files} files: ${ok} ok, ${fell} fall short${rest}; ${compared} values compared, ${failed} differ\n`;
}

/** The report for programs; documented in `docs/cli.md`. */
export function conformJson(results: readonly FileResult[]): string {
  const report = { schema: 'proxysched-conform/1', version: version(), total: totals(results), bars: mirrorBars(results), files: results };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function totals(results: readonly FileResult[]): Record<'files' | 'ok' | 'fell' | 'unjudged' | 'compared' | 'failed', number> {
  const sum = (key: 'compared' | 'failed'): number => results.reduce((n, r) => n + r[key], 0);
  const ok = results.filter(r => r.ok).length;
  const unjudged = results.filter(r => r.invalid !== undefined).length;
  return { files: results.length, ok, fell: results.length - ok - unjudged, unjudged, compared: sum('compared'), failed: sum('failed') };
}
