import { badTemplate } from './errors.js';
import type { Problem } from './report.js';

export type Expanded = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: Problem };

/** `lock{i+1}` for instance 3 is `lock4`. Operators work from left to right, `/` rounds down; `instance` null: there are none. */
export function expandName(template: string, instance: number | null): Expanded {
  let problem: Problem | null = null;
  const text = template.replace(/\{([^{}]*)\}/g, (_, inside: string) => {
    const value = evaluate(inside.replace(/\s/g, ''), instance);
    if (typeof value === 'number') return String(value);
    problem ??= badTemplate(template, value);
    return '';
  });
  return problem === null ? { ok: true, text } : { ok: false, problem };
}

/** `M{0..3}` is four names; other names are themselves. */
export function expandList(template: string): readonly string[] | Problem {
  const match = /^([^{}]*)\{(\d{1,6})\.\.(\d{1,6})\}([^{}]*)$/.exec(template);
  if (match === null) return /[{}]/.test(template) ? badTemplate(template, 'a list takes ranges: "M{0..7}"') : [template];
  const [, before = '', low = '', high = '', after = ''] = match;
  const n = Number(high) - Number(low) + 1;
  if (n < 1 || n > 65_536) return badTemplate(template, 'a range has 1 to 65536 members, the lowest first');
  return Array.from({ length: n }, (_, i) => `${before}${Number(low) + i}${after}`);
}

function evaluate(expression: string, instance: number | null): number | string {
  const match = /^i((?:[-+*/%]\d{1,9})*)$/.exec(expression);
  if (match === null) return `"{${expression}}" cannot be computed`;
  if (instance === null) return '"{i}" needs "instances"';
  let value = instance;
  for (const [, operator, digits] of match[1]!.matchAll(/([-+*/%])(\d+)/g)) {
    const n = Number(digits);
    if (operator === '+') value += n;
    else if (operator === '-') value -= n;
    else if (operator === '*') value *= n;
    else if (n === 0) return 'division by zero';
    else value = operator === '/' ? Math.floor(value / n) : value % n;
  }
  return value < 0 ? `"{${expression}}" is ${value} for instance ${instance}` : value;
}
