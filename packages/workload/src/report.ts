import type { Diagnostic, Severity } from './diagnostic.js';
import { tooManyProblems } from './errors.js';
import type { Source, Span } from './source.js';

/** A finding before it has a place in a file; made by the functions of `errors.ts`. */
export interface Problem {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly label?: string;
  readonly help?: readonly string[];
  readonly related?: readonly { readonly at: Span; readonly message: string }[];
}

const LIMIT = 100;

/** Collects the findings about one source. The same finding at the same place is kept once. */
export class Report {
  private readonly found: Diagnostic[] = [];
  private readonly seen = new Set<string>();
  private dropped = 0;
  /** So many errors up to now. */
  errors = 0;

  constructor(readonly source: Source) {}

  get failed(): boolean {
    return this.errors > 0;
  }

  /** Whatever else is found will only be counted. */
  get full(): boolean {
    return this.found.length >= LIMIT;
  }

  add(problem: Problem, at: Span | null): void {
    const key = `${problem.code} ${at?.offset ?? -1} ${problem.message}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    if (problem.severity === 'error') this.errors++;
    if (this.found.length >= LIMIT) this.dropped++;
    else this.found.push(this.placed(problem, at));
  }

  /** In order of the text; what has no place comes first. */
  diagnostics(): readonly Diagnostic[] {
    const sorted = [...this.found].sort((a, b) => a.line - b.line || a.column - b.column);
    if (this.dropped > 0) sorted.push(this.placed(tooManyProblems(this.dropped), null));
    return sorted;
  }

  private placed(problem: Problem, at: Span | null): Diagnostic {
    const { severity, code, message, label, help, related } = problem;
    const where = at === null ? { line: 0, column: 0 } : { ...this.source.place(at.offset), length: Math.max(1, at.length) };
    return {
      severity,
      code,
      message,
      file: this.source.file,
      ...where,
      ...(label === undefined ? {} : { label }),
      ...(help === undefined || help.length === 0 ? {} : { help }),
      ...(related === undefined || related.length === 0
        ? {}
        : { related: related.map(r => ({ ...this.source.place(r.at.offset), length: Math.max(1, r.at.length), message: r.message })) }),
    };
  }
}
