import type { Nanos } from '@proxysched/core';
import { clip, decimalsFor, fixed } from './format.js';

/** Columns of 80-column text: left or right aligned, as many decimals as fit. */

export const TEXT_WIDTH = 80;

const NS_PER_MS = 1_000_000;
const NS_PER_S = 1_000_000_000;

/** Left or right. */
export type Align = '<' | '>';

/** A unit of time, by name and in ns. */
export interface Unit {
  readonly name: 'ms' | 's';
  readonly ns: Nanos;
}

/** The unit for times up to `longest`: `ms`, from 1000 s on `s`. */
export function unitFor(longest: Nanos): Unit {
  return longest >= 1000 * NS_PER_S ? { name: 's', ns: NS_PER_S } : { name: 'ms', ns: NS_PER_MS };
}

/** A table as text, and where each of its columns ends. */
export interface Laid {
  readonly lines: readonly string[];
  readonly ends: readonly number[];
}

/**
 * A table in at most 80 columns. `rows` is called with the decimals that show `values` exactly (1 … 3), then with
 * fewer until the table fits; if none does, first the gaps and then the left-aligned columns shrink.
 */
export function layoutTable(
  align: readonly Align[],
  values: Iterable<Nanos>,
  unit: Nanos,
  rows: (decimals: number) => readonly (readonly string[])[],
): Laid {
  let decimals = decimalsFor(values, unit);
  let cells = rows(decimals);
  while (decimals > 0 && widthOf(cells, 1) > TEXT_WIDTH - 1) cells = rows(--decimals);
  const over = widthOf(cells, 1) - (TEXT_WIDTH - 1);
  if (over > 0) cells = shrink(cells, align, over);
  const gap = widthOf(cells, 2) <= TEXT_WIDTH - 1 ? 2 : 1;
  const widths = columnWidths(cells);
  const ends: number[] = [];
  for (const w of widths) ends.push((ends.at(-1) ?? 1 - gap) + gap + w);
  const lines = cells.map(row =>
    ` ${row.map((cell, i) => (align[i] === '>' ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join(' '.repeat(gap))}`.trimEnd(),
  );
  return { lines, ends };
}

/** A line above the header: each text ends with its column. */
export function groupLine(ends: readonly number[], groups: readonly (readonly [column: number, text: string])[]): string {
  let line = '';
  for (const [column, text] of groups) line += text.padStart(Math.max(text.length + 1, ends[column]! - line.length));
  return line;
}

/** A duration in table form; nothing is a dash. */
export function cell(ns: Nanos, unit: Nanos, decimals: number): string {
  return ns === 0 ? '-' : fixed(ns, unit, decimals);
}

/** Terminal attributes, or the text as it is. */
export function paint(text: string, code: 'bold' | 'red' | 'green' | 'dim', color: boolean): string {
  return color ? `\u001b[${CODES[code]}m${text}\u001b[0m` : text;
}

const CODES = { bold: 1, red: 31, green: 32, dim: 2 } as const;

function shrink(cells: readonly (readonly string[])[], align: readonly Align[], over: number): string[][] {
  const widths = columnWidths(cells);
  let left = over;
  align.forEach((side, i) => {
    if (side === '>' || left <= 0) return;
    const take = Math.min(left, Math.max(0, widths[i]! - 8));
    widths[i]! -= take;
    left -= take;
  });
  return cells.map(row => row.map((text, i) => clip(text, widths[i]!)));
}

function columnWidths(cells: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const row of cells) row.forEach((text, i) => (widths[i] = Math.max(widths[i] ?? 0, text.length)));
  return widths;
}

function widthOf(cells: readonly (readonly string[])[], gap: number): number {
  const widths = columnWidths(cells);
  return widths.reduce((sum, w) => sum + w, 1 + gap * Math.max(0, widths.length - 1));
}

/** Parts side by side, three spaces apart, never broken inside. */
export function packParts(parts: readonly string[]): string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of parts) {
    const longer = line === '' ? ` ${part}` : `${line}   ${part}`;
    if (longer.length > TEXT_WIDTH && line !== '') {
      lines.push(line);
      line = ` ${part}`;
    } else {
      line = longer;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}
