/** What is to be said about a text, and where in it. `line` and `column` count from 1; line 0: no place in the file. */
export interface Diagnostic {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length?: number;
  /** Said beside the caret. */
  readonly label?: string;
  /** Lines that follow the excerpt, each after a `=`. */
  readonly help?: readonly string[];
  readonly related?: readonly RelatedPlace[];
}

export type Severity = 'error' | 'warning' | 'note';

export interface RelatedPlace {
  readonly line: number;
  readonly column: number;
  readonly length?: number;
  readonly message: string;
}

const WIDTH = 120;
const TAB = '    ';
const PAINT: Readonly<Record<Severity, string>> = { error: '1;31', warning: '1;33', note: '1;36' };

/** The diagnostic with the lines it speaks of, as `rustc` shows them. `text` is what was read; colour is ANSI. */
export function renderDiagnostic(d: Diagnostic, text: string, options: { readonly color: boolean }): string {
  const paint = (code: string, s: string): string => (options.color && s !== '' ? `\u001b[${code}m${s}\u001b[0m` : s);
  const tone = PAINT[d.severity];
  const out = [`${paint(tone, `${d.severity}[${d.code}]`)}${paint('1', `: ${printable(d.message)}`)}`];
  const marks = [
    { line: d.line, column: d.column, length: d.length ?? 1, message: d.label ?? '', sign: '^', tone },
    ...(d.related ?? []).map(r => ({ ...r, length: r.length ?? 1, sign: '-', tone: '1;34' })),
  ].filter(m => m.line > 0);
  marks.sort((a, b) => a.line - b.line || a.column - b.column);
  const lines = pickLines(
    text,
    marks.map(m => m.line),
  );
  const digits = Math.max(1, ...marks.map(m => String(m.line).length));
  const gutter = (s: string): string => paint('1;34', `${s.padStart(digits + 1)} |`);
  const pad = ' '.repeat(digits);
  if (d.line > 0) {
    out.push(`${pad}${paint('1;34', '-->')} ${printable(d.file)}:${d.line}:${d.column}`);
    out.push(gutter(''));
  }
  let shown = 0;
  for (const m of marks) {
    const line = lines.get(m.line);
    if (line === undefined) continue;
    const { excerpt, before, length } = clip(line, m.column - 1, m.length);
    if (m.line !== shown) out.push(`${gutter(String(m.line))} ${excerpt}`);
    shown = m.line;
    const note = m.message === '' ? '' : ` ${printable(m.message)}`;
    out.push(`${gutter('')} ${' '.repeat(before)}${paint(m.tone, m.sign.repeat(length) + note)}`);
  }
  for (const help of d.help ?? []) out.push(`${pad}  ${paint('1;34', '=')} ${printable(help)}`);
  return out.join('\n');
}

/** Only the wanted lines, without splitting a text of megabytes. */
function pickLines(text: string, wanted: readonly number[]): Map<number, string> {
  const lines = new Map<number, string>();
  const last = Math.max(0, ...wanted);
  for (let line = 1, at = 0; line <= last && at <= text.length; line++) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    if (wanted.includes(line)) lines.set(line, text.slice(at, text[end - 1] === '\r' && end > at ? end - 1 : end));
    at = end + 1;
  }
  return lines;
}

/** The part of a line around the mark, tabs spread, and where the mark stands in it. */
function clip(line: string, column: number, length: number): { excerpt: string; before: number; length: number } {
  const from = line.length > WIDTH ? Math.max(0, Math.min(column - WIDTH / 2, line.length - WIDTH)) : 0;
  const to = Math.min(line.length, from + WIDTH);
  const spread = (a: number, b: number): string => printable(line.slice(a, b)).replaceAll('\t', TAB);
  const lead = from > 0 ? '…' : '';
  const excerpt = lead + spread(from, to).trimEnd() + (to < line.length ? '…' : '');
  const end = Math.min(to, column + length);
  return { excerpt, before: lead.length + spread(from, column).length, length: Math.max(1, spread(column, end).length) };
}

/** A text must not steer the terminal it is quoted on. */
function printable(s: string): string {
  // eslint-disable-next-line no-control-regex
  return s.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/g, '\ufffd');
}
