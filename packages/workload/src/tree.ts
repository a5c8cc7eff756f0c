import type { Span } from './source.js';

/** A parsed text in which everything knows its place: what the JSON and the YAML reader both produce. */
export type Node = ObjectNode | ArrayNode | StringNode | NumberNode | BooleanNode | NullNode;

export interface ObjectNode {
  readonly kind: 'object';
  readonly at: Span;
  /** In order of the text; a key may come twice. */
  readonly members: readonly Member[];
}

export interface Member {
  readonly key: string;
  readonly keyAt: Span;
  readonly value: Node;
  /** Written without a value. */
  readonly bare?: boolean;
}

export interface ArrayNode {
  readonly kind: 'array';
  readonly at: Span;
  readonly items: readonly Node[];
}

export interface StringNode {
  readonly kind: 'string';
  readonly at: Span;
  readonly value: string;
}

export interface NumberNode {
  readonly kind: 'number';
  readonly at: Span;
  readonly value: number;
  /** Written without fraction and exponent: json-c's idea of an integer. */
  readonly integer: boolean;
}

export interface BooleanNode {
  readonly kind: 'boolean';
  readonly at: Span;
  readonly value: boolean;
}

export interface NullNode {
  readonly kind: 'null';
  readonly at: Span;
}

const ARTICLE: Readonly<Record<Node['kind'], string>> = {
  object: 'an object',
  array: 'a list',
  string: 'a string',
  number: 'a number',
  boolean: 'a truth value',
  null: 'null',
};

export function kindName(node: Node): string {
  return ARTICLE[node.kind];
}

/** The member that counts when one key is asked for: the last, as in every JSON reader. */
export function member(node: Node, key: string): Member | undefined {
  return node.kind === 'object' ? node.members.findLast(m => m.key === key) : undefined;
}

/** Plain values, as `JSON.parse` gives them; objects have no prototype, so that no key means anything. */
export function toPlain(node: Node): unknown {
  switch (node.kind) {
    case 'object': {
      const plain = Object.create(null) as Record<string, unknown>;
      for (const { key, value } of node.members) plain[key] = toPlain(value);
      return plain;
    }
    case 'array':
      return node.items.map(toPlain);
    case 'null':
      return null;
    case 'string':
    case 'number':
    case 'boolean':
      return node.value;
  }
}

/** The place of a path, or of the nearest thing above it that is there. */
export function spanOf(root: Node, path: readonly PropertyKey[]): Span {
  let node = root;
  for (const step of path) {
    const next = node.kind === 'array' && typeof step === 'number' ? node.items[step] : member(node, String(step))?.value;
    if (next === undefined) break;
    node = next;
  }
  return headSpan(node);
}

/** The place of the key at the end of a path. */
export function keySpanOf(root: Node, path: readonly PropertyKey[], key: string): Span {
  return member(nodeOf(root, path) ?? root, key)?.keyAt ?? spanOf(root, path);
}

export function nodeOf(root: Node, path: readonly PropertyKey[]): Node | undefined {
  let node: Node | undefined = root;
  for (const step of path) {
    if (node === undefined) return undefined;
    node = node.kind === 'array' && typeof step === 'number' ? node.items[step] : member(node, String(step))?.value;
  }
  return node;
}

/** An object or a list spans many lines; the caret wants its first sign, or its first key. */
export function headSpan(node: Node): Span {
  if (node.kind === 'object') return node.members[0]?.keyAt ?? { offset: node.at.offset, length: 1 };
  if (node.kind === 'array') return { offset: node.at.offset, length: 1 };
  return node.at;
}
