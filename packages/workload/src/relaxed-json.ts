import { jsonTooDeep, jsonUnexpected } from './errors.js';
import { MAX_DEPTH } from './limits.js';
import type { Problem } from './report.js';
import type { Span } from './source.js';
import type { Member, Node, ObjectNode } from './tree.js';

export type ParsedJson =
  | { readonly ok: true; readonly root: Node }
  /** `keys`: those of the outermost object that were read before the fault. */
  | { readonly ok: false; readonly problem: Problem; readonly at: Span; readonly keys: readonly string[] };

/**
 * JSON as json-c takes it in its default mode: comments, trailing commas, single quotes, `TRUE`, `NaN`, and nothing read
 * after the closing bracket. Beyond json-c: a key without a value has an empty string for one, and every occurrence of a
 * repeated key is kept, in order.
 */
export function parseRelaxedJson(text: string): ParsedJson {
  const parser = new Parser(text);
  try {
    return { ok: true, root: parser.document() };
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    return { ok: false, problem: fault.problem, at: fault.at, keys: parser.topKeys };
  }
}

/** Thrown and caught inside this file only. */
class Fault extends Error {
  constructor(
    readonly problem: Problem,
    readonly at: Span,
  ) {
    super(problem.message);
  }
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', '"': '"', "'": "'", '\\': '\\', '/': '/' };
const WORD = /[A-Za-z_$][\w$-]*/y;
const NUMBERISH = /[-+]?[\w.][\w.+-]*/y;
const NUMBER = /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/;

class Parser {
  readonly topKeys: string[] = [];
  private at = 0;
  private depth = 0;

  constructor(private readonly text: string) {}

  document(): Node {
    if (this.text.charCodeAt(0) === 0xfeff) this.at = 1;
    this.blank();
    if (this.at >= this.text.length) this.fail('a value', 'the text ends');
    return this.value();
  }

  private value(): Node {
    const start = this.at;
    const c = this.text[start];
    if (c === '{') return this.nested(() => this.object(start));
    if (c === '[') return this.nested(() => this.array(start));
    if (c === '"' || c === "'") {
      const value = this.string();
      return { kind: 'string', at: this.since(start), value };
    }
    if (c !== undefined && /[-+.\d]/.test(c)) return this.number(start);
    return this.word(start);
  }

  private nested<T>(read: () => T): T {
    if (++this.depth > MAX_DEPTH) throw new Fault(jsonTooDeep(), { offset: this.at, length: 1 });
    const node = read();
    this.depth--;
    return node;
  }

  private object(start: number): ObjectNode {
    const members: Member[] = [];
    this.at++;
    for (;;) {
      this.blank();
      if (this.take('}')) return { kind: 'object', at: this.since(start), members };
      members.push(this.member());
      if (this.depth === 1) this.topKeys.push(members.at(-1)!.key);
      this.blank();
      if (!this.take(',') && this.text[this.at] !== '}') this.fail('"," or "}"', undefined, { offset: start, length: 1 }, 'this object');
    }
  }

  private member(): Member {
    const start = this.at;
    const quote = this.text[start];
    if (quote !== '"' && quote !== "'") this.fail('a key in quotes or "}"');
    const key = this.string();
    const keyAt = this.since(start);
    this.blank();
    const next = this.text[this.at];
    if (next === ',' || next === '}') return { key, keyAt, value: { kind: 'string', at: keyAt, value: '' }, bare: true };
    if (!this.take(':')) this.fail(`":" after the key ${JSON.stringify(key)}`);
    this.blank();
    return { key, keyAt, value: this.value() };
  }

  private array(start: number): Node {
    const items: Node[] = [];
    this.at++;
    for (;;) {
      this.blank();
      if (this.take(']')) return { kind: 'array', at: this.since(start), items };
      items.push(this.value());
      this.blank();
      if (!this.take(',') && this.text[this.at] !== ']') this.fail('"," or "]"', undefined, { offset: start, length: 1 }, 'this list');
    }
  }

  private string(): string {
    const start = this.at;
    const quote = this.text[start]!;
    let out = '';
    let from = ++this.at;
    for (;;) {
      const c = this.text[this.at];
      if (c === undefined || c === '\n')
        throw new Fault(jsonUnexpected(`a closing ${quote}`, 'the line ends'), { offset: start, length: 1 });
      if (c === quote || c === '\\') {
        out += this.text.slice(from, this.at++);
        if (c === quote) return out;
        out += this.escape();
        from = this.at;
      } else this.at++;
    }
  }

  private escape(): string {
    const c = this.text[this.at] ?? '';
    const hex = c === 'u' ? /^[\da-fA-F]{4}/.exec(this.text.slice(this.at + 1, this.at + 5)) : null;
    if (hex !== null) {
      this.at += 5;
      return String.fromCharCode(parseInt(hex[0], 16));
    }
    if (!Object.hasOwn(ESCAPES, c))
      throw new Fault(jsonUnexpected('an escape that JSON has', `"\\${c}"`), { offset: this.at - 1, length: 2 });
    this.at++;
    return ESCAPES[c]!;
  }

  private number(start: number): Node {
    NUMBERISH.lastIndex = start;
    const raw = NUMBERISH.exec(this.text)?.[0] ?? this.text[start]!;
    const at = { offset: start, length: raw.length };
    this.at += raw.length;
    if (/^-?inf(inity)?$/i.test(raw)) return { kind: 'number', at, value: raw.startsWith('-') ? -Infinity : Infinity, integer: false };
    if (!NUMBER.test(raw)) {
      const hint = /^[-+]?0x/i.test(raw) ? 'JSON has no hexadecimal numbers' : undefined;
      throw new Fault(jsonUnexpected('a number', `"${raw.slice(0, 40)}"`, hint), at);
    }
    return { kind: 'number', at, value: Number(raw), integer: !/[.eE]/.test(raw) };
  }

  private word(start: number): Node {
    WORD.lastIndex = start;
    const raw = WORD.exec(this.text)?.[0] ?? '';
    this.at += raw.length;
    const at = this.since(start);
    switch (raw.toLowerCase()) {
      case 'true':
      case 'false':
        return { kind: 'boolean', at, value: raw.toLowerCase() === 'true' };
      case 'null':
        return { kind: 'null', at };
      case 'nan':
        return { kind: 'number', at, value: NaN, integer: false };
      case 'infinity':
        return { kind: 'number', at, value: Infinity, integer: false };
      default:
        this.at = start;
        return this.fail('a value', undefined, undefined, undefined, raw.length);
    }
  }

  /** White space and comments. */
  private blank(): void {
    for (;;) {
      while (' \t\r\n\v\f'.includes(this.text[this.at] ?? 'x')) this.at++;
      if (this.text[this.at] !== '/') return;
      const sign = this.text[this.at + 1];
      if (sign !== '/' && sign !== '*') return;
      const end = this.text.indexOf(sign === '/' ? '\n' : '*/', this.at + 2);
      if (end < 0 && sign === '*')
        throw new Fault(jsonUnexpected('"*/"', 'the text ends inside a comment'), { offset: this.at, length: 2 });
      this.at = end < 0 ? this.text.length : end + (sign === '/' ? 1 : 2);
    }
  }

  private take(c: string): boolean {
    if (this.text[this.at] !== c) return false;
    this.at++;
    return true;
  }

  private since(offset: number): Span {
    return { offset, length: this.at - offset };
  }

  private fail(expected: string, found?: string, opened?: Span, what?: string, length = 1): never {
    const c = this.text.slice(this.at, this.at + Math.max(1, Math.min(length, 40)));
    const related = opened === undefined ? [] : [{ at: opened, message: `${what} begins here` }];
    const problem = jsonUnexpected(expected, found ?? (c === '' ? 'the text ends' : JSON.stringify(c)));
    throw new Fault({ ...problem, related }, { offset: Math.min(this.at, Math.max(0, this.text.length - 1)), length: c.length });
  }
}
