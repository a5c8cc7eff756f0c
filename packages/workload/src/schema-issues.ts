import type { z } from 'zod';
import * as errors from './errors.js';
import type { Report } from './report.js';
import { keySpanOf, kindName, nodeOf, spanOf, type Node } from './tree.js';

export type Issue = z.core.$ZodIssue;

/** Known fields at a path of the schema, for suggestions. */
export type KnownFields = (path: readonly PropertyKey[]) => readonly string[];

/** The issues themselves: of a union those of one branch, every path from the root. */
export const nearest = (issues: readonly Issue[]): Issue[] => issues.flatMap(i => chosen(i, []));

/** Puts every issue at its place in the text. */
export function reportIssues(issues: readonly Issue[], root: Node, known: KnownFields, report: Report): void {
  for (const issue of issues) {
    const where = pathName(issue.path);
    const at = spanOf(root, issue.path);
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) report.add(errors.unknownField(where, key, known(issue.path)), keySpanOf(root, issue.path, key));
    } else if (issue.code === 'custom' && typeof issue.params?.['steps'] === 'object') {
      const { found, all } = issue.params['steps'] as { found: string[]; all: string[] };
      // A step that is empty only because its one key is unknown has been reported for that.
      const node = nodeOf(root, issue.path);
      if (found.length > 0 || node?.kind !== 'object' || node.members.length === 0) report.add(errors.badSteps(where, found, all), at);
    } else if (issue.message.startsWith(TIME)) report.add(errors.badTime(where, issue.message.slice(TIME.length)), at);
    else report.add(errors.badField(where, said(issue, nodeOf(root, issue.path))), at);
  }
}

/** Marks a message as one about a time. */
export const TIME = 'time: ';

/** Of a union, the branch that comes nearest: one that gets past the type of the value itself, with the fewest problems. */
function chosen(issue: Issue, above: readonly PropertyKey[]): Issue[] {
  const path = [...above, ...issue.path];
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ ...issue, path }];
  const branches = issue.errors.map(branch => branch.flatMap(i => chosen(i, path)));
  const shallow = (branch: readonly Issue[]): boolean =>
    branch.some(i => i.path.length === path.length && (i.code === 'invalid_type' || i.code === 'invalid_value'));
  const near = branches.filter(branch => !shallow(branch));
  if (near.length === 0) {
    const single =
      branches.length === 1
        ? branches[0]!
        : branches
            .flat()
            .filter(i => i.message.startsWith(TIME))
            .slice(0, 1);
    return single.length > 0
      ? single
      : [{ ...issue, path, message: issue.message === 'Invalid input' ? alternatives(branches) : issue.message }];
  }
  return near.reduce((best, branch) => (branch.length < best.length ? branch : best));
}

function alternatives(branches: readonly (readonly Issue[])[]): string {
  const of = (i: Issue): string =>
    i.code === 'invalid_type'
      ? (KINDS[i.expected] ?? i.expected)
      : i.code === 'invalid_value'
        ? i.values.map(v => JSON.stringify(v)).join(' or ')
        : i.message;
  return `needs ${[...new Set(branches.map(b => of(b[0]!)))].join(' or ')}`;
}

const KINDS: Readonly<Record<string, string>> = {
  object: 'an object',
  record: 'an object',
  array: 'a list',
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

function said(issue: Issue, node: Node | undefined): string {
  if (issue.code === 'invalid_type') {
    const wanted = KINDS[issue.expected] ?? issue.expected;
    return node === undefined ? `is missing: needs ${wanted}` : `needs ${wanted}, not ${kindName(node)}`;
  }
  if (issue.code === 'invalid_value') return `needs ${issue.values.map(v => JSON.stringify(v)).join(' or ')}`;
  if (issue.code === 'too_small')
    return `the least is ${issue.minimum}${issue.origin === 'array' ? ' item' : issue.origin === 'string' ? ' character' : ''}`;
  if (issue.code === 'too_big')
    return `the most is ${issue.maximum}${issue.origin === 'array' ? ' items' : issue.origin === 'string' ? ' characters' : ''}`;
  return issue.message;
}

/** `tasks[2].program[4]`. */
export function pathName(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (name, step) => (typeof step === 'number' ? `${name}[${step}]` : name === '' ? String(step) : `${name}.${String(step)}`),
    '',
  );
}
