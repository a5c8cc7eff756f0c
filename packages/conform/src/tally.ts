import type { Verdict } from './conformance.js';

/** Counts what was compared, by what it is, and keeps the first difference. */
export class Tally {
  private readonly counts = new Map<string, number>();
  private readonly figures: Record<string, number | string> = {};
  private readonly unjudged: string[] = [];
  private failed = 0;
  private first: string | undefined;

  /**
   * One value, equal or not. Values are numbers, strings, booleans, or lists and objects of such.
   *
   * @param what the group it counts in, as `metrics` names it: `schedule`.
   * @param where its place, and the instant where there is one: `schedule[3].end at 12`.
   */
  equal(what: string, where: string, expected: unknown, found: unknown): boolean {
    return this.that(what, same(expected, found), () => `${where}: expected ${show(expected)}, found ${show(found)}`);
  }

  /** One value that must hold; `difference` says what is wrong where it does not. */
  that(what: string, holds: boolean, difference: () => string): boolean {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
    if (!holds) {
      this.failed++;
      this.first ??= difference();
    }
    return holds;
  }

  /** Expected by the file, and not judged here. */
  notJudged(what: string): void {
    if (!this.unjudged.includes(what)) this.unjudged.push(what);
  }

  /** A figure to report beside the counts. */
  figure(name: string, value: number | string): void {
    this.figures[name] = value;
  }

  verdict(): Verdict {
    const counts = [...this.counts.values()];
    return {
      compared: counts.reduce((a, b) => a + b, 0),
      failed: this.failed,
      metrics: { ...Object.fromEntries(this.counts), ...this.figures },
      ...(this.first === undefined ? {} : { first: this.first }),
      notJudged: this.unjudged,
    };
  }
}

function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return Object.is(a, b) || a === b;
  const keys = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === Object.keys(b).length &&
    keys.every(key => Object.hasOwn(b, key) && same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  );
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
