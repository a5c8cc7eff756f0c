import type { Tally } from '../tally.js';
import { NOT_COMPARED, type Found, type Observer } from './observer.js';
import type { Cell, Sequence, SequenceOp } from './sequence.js';

/** The rows of one point of a log, by id, entities and queues apart. */
export class Rows {
  private readonly ents = new Map<string, readonly Cell[]>();
  private readonly rqs = new Map<string, readonly Cell[]>();

  constructor(private readonly file: Pick<Sequence, 'ents_columns' | 'rqs_columns'>) {}

  /** Rows replace what was there under their ids. */
  take(op: Pick<SequenceOp, 'ents' | 'rqs'>): void {
    for (const row of op.ents) this.ents.set(String(row[0]), row);
    for (const row of op.rqs) this.rqs.set(String(row[0]), row);
  }

  clear(): void {
    this.ents.clear();
    this.rqs.clear();
  }

  /** Compares every value with what is found; false from the first difference on. */
  hold(tally: Tally, level: string, where: string, observer: Observer): boolean {
    const each = (rows: Map<string, readonly Cell[]>, columns: readonly string[], find: (id: string, column: string) => Found): boolean => {
      for (const [id, row] of rows) {
        for (let i = 1; i < columns.length; i++) {
          const found = find(id, columns[i]!);
          if (found === NOT_COMPARED) continue;
          const shown = found === undefined ? 'nothing' : typeof found === 'boolean' ? String(Number(found)) : String(found);
          const holds = shown === String(row[i]);
          tally.that(level, holds, () => `${where}: ${columns[i]!} of ${id}: expected ${String(row[i])}, found ${shown}`);
          if (!holds) return false;
        }
      }
      return true;
    };
    return (
      each(this.ents, this.file.ents_columns, (id, column) => observer.entity(id, column)) &&
      each(this.rqs, this.file.rqs_columns, (id, column) => observer.queue(id, column))
    );
  }
}
