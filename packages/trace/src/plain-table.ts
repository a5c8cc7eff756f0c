import { layoutTable, type Align } from './table.js';

/**
 * Rows of ready text in at most 80 columns, the first of them the header: what the command line prints beside summaries.
 *
 * @param align per column, `<` or `>`.
 */
export function plainTable(align: readonly Align[], rows: readonly (readonly string[])[]): string {
  return layoutTable(align, [], 1, () => rows)
    .lines.map(line => `${line}\n`)
    .join('');
}
