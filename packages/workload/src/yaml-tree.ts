import { isAlias, isMap, isScalar, isSeq, parseDocument, type ParsedNode } from 'yaml';
import { aliasBomb, yamlFault, yamlTooBig, yamlTooDeep } from './errors.js';
import { MAX_ALIASED, MAX_DEPTH, MAX_YAML } from './limits.js';
import type { Report } from './report.js';
import type { Span } from './source.js';
import type { Member, Node } from './tree.js';

/** A YAML text (JSON is one) as a tree, or null when the report says why not. A repeated key stays repeated. */
export function parseYamlTree(text: string, report: Report): Node | null {
  if (text.length > MAX_YAML) {
    report.add(yamlTooBig(text.length, MAX_YAML), null);
    return null;
  }
  const deep = tooDeepAt(text);
  if (deep >= 0) {
    report.add(yamlTooDeep(), { offset: deep, length: 1 });
    return null;
  }
  const doc = parse(text);
  if (doc === null) {
    report.add(yamlTooDeep(), null);
    return null;
  }
  const faults = [...doc.errors, ...doc.warnings];
  for (const e of faults) {
    report.add(yamlFault(e.code, e.message), { offset: e.pos[0], length: Math.max(1, Math.min(e.pos[1] - e.pos[0], 40)) });
  }
  if (faults.length > 0) return null;
  return new Converter(report).convert(doc.contents);
}

interface Parsed {
  readonly errors: readonly YamlFault[];
  readonly warnings: readonly YamlFault[];
  readonly contents: ParsedNode | null;
}

interface YamlFault {
  readonly code: string;
  readonly message: string;
  readonly pos: readonly [number, number];
}

function parse(text: string): Parsed | null {
  try {
    const doc = parseDocument(text, { prettyErrors: false, uniqueKeys: false, stringKeys: true, logLevel: 'silent' });
    return { errors: doc.errors, warnings: doc.warnings, contents: doc.contents };
  } catch (e) {
    if (e instanceof RangeError) return null; // the composer recurses: out of stack
    throw e;
  }
}

/**
 * Where a text nests deeper than anything meant, found before the recursive composer sees it: by brackets, and by the columns
 * at which lines and the entries within them (`- - x`) begin. Quotes and comments are not looked at; they would have to be
 * contrived to be refused for it.
 */
function tooDeepAt(text: string): number {
  const columns: number[] = [];
  let brackets = 0;
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    let at = start;
    for (;;) {
      while (at < end && (text[at] === ' ' || text[at] === '\t')) at++;
      if (at === end || text[at] === '\r') break;
      while (columns.length > 0 && columns.at(-1)! >= at - start) columns.pop();
      columns.push(at - start);
      if (columns.length > MAX_DEPTH) return at;
      const next = text[at + 1];
      if (!'-?:'.includes(text[at]!) || (next !== ' ' && next !== '\t')) break;
      at++;
    }
    for (; at < end; at++) {
      const c = text.charCodeAt(at);
      if (c === OPEN_BRACKET || c === OPEN_BRACE) {
        if (++brackets > MAX_DEPTH) return at;
      } else if ((c === CLOSE_BRACKET || c === CLOSE_BRACE) && brackets > 0) brackets--;
    }
    start = end + 1;
  }
  return -1;
}

const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];

class Converter {
  private depth = 0;
  private aliasDepth = 0;
  private aliased = 0;
  private readonly anchors = new Map<string, ParsedNode>();

  constructor(private readonly report: Report) {}

  convert(node: ParsedNode | null): Node | null {
    if (node === null) return { kind: 'null', at: { offset: 0, length: 1 } };
    const at = { offset: node.range[0], length: node.range[1] - node.range[0] };
    if (this.depth >= MAX_DEPTH) return this.stop(yamlTooDeep(), at);
    if (this.aliasDepth > 0 && ++this.aliased > MAX_ALIASED) return this.stop(aliasBomb(), at);
    if (isAlias(node)) return this.alias(node.source, at);
    if (node.anchor !== undefined) this.anchors.set(node.anchor, node);
    this.depth++;
    const converted = this.plain(node, at);
    this.depth--;
    return converted;
  }

  private plain(node: ParsedNode, at: Span): Node | null {
    if (isSeq<ParsedNode>(node)) {
      const items: Node[] = [];
      for (const item of node.items) {
        const converted = this.convert(item);
        if (converted === null) return null;
        items.push(converted);
      }
      return { kind: 'array', at, items };
    }
    if (isMap<ParsedNode, ParsedNode | null>(node)) {
      const members: Member[] = [];
      for (const pair of node.items) {
        const keyAt = { offset: pair.key.range[0], length: Math.max(1, pair.key.range[1] - pair.key.range[0]) };
        const value = pair.value === null ? ({ kind: 'null', at: keyAt } as const) : this.convert(pair.value);
        if (value === null) return null;
        members.push({ key: isScalar(pair.key) ? String(pair.key.value) : '', keyAt, value });
      }
      return { kind: 'object', at, members };
    }
    const value: unknown = isScalar(node) ? node.value : null;
    const span = { offset: at.offset, length: Math.max(1, at.length) };
    if (typeof value === 'string') return { kind: 'string', at: span, value };
    if (typeof value === 'boolean') return { kind: 'boolean', at: span, value };
    if (typeof value === 'number' || typeof value === 'bigint') {
      return { kind: 'number', at: span, value: Number(value), integer: Number.isInteger(Number(value)) };
    }
    return { kind: 'null', at: span };
  }

  private alias(name: string, at: Span): Node | null {
    const target = this.anchors.get(name);
    if (target === undefined) return this.stop(yamlFault('ALIAS', `no anchor "${name}" before this alias`), at);
    this.aliasDepth++;
    const converted = this.convert(target);
    this.aliasDepth--;
    return converted;
  }

  private stop(problem: Parameters<Report['add']>[0], at: Span): null {
    this.report.add(problem, { offset: at.offset, length: 1 });
    return null;
  }
}
