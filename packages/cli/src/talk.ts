import { renderDiagnostic, type Diagnostic } from '@proxysched/workload';
import { wantsColor, type Io } from './io.js';

/** What is said on standard error, beside errors: nothing when `quiet`. */
export class Talk {
  constructor(
    private readonly io: Io,
    private readonly quiet: boolean,
  ) {}

  say(line: string): void {
    if (!this.quiet) this.io.stderr.write(`${line}\n`);
  }

  /** Told in any case. */
  error(line: string): void {
    this.io.stderr.write(`error: ${line}\n`);
  }

  /** Findings in a text; errors are told in any case. */
  findings(diagnostics: readonly Diagnostic[], text: string): void {
    const color = wantsColor(this.io.stderr, this.io.env);
    for (const d of diagnostics) {
      if (d.severity === 'error' || !this.quiet) this.io.stderr.write(`${renderDiagnostic(d, text, { color })}\n\n`);
    }
  }
}
