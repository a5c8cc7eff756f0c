import type { Nanos } from '@proxysched/core';

/** Times as text. Integer arithmetic on nanoseconds, so that no rounding depends on the engine. */

const NS_PER_MS = 1_000_000;

/** Milliseconds with all six decimals: `3.500000`. */
export function msExact(ns: Nanos): string {
  const sign = ns < 0 ? '-' : '';
  const abs = Math.abs(ns);
  return `${sign}${Math.floor(abs / NS_PER_MS)}.${String(abs % NS_PER_MS).padStart(6, '0')}`;
}

/** `ns` in units of `unit` ns, with `decimals` (0 … 9) of them, rounded half up. */
export function fixed(ns: Nanos, unit: Nanos, decimals: number): string {
  const scale = 10 ** decimals;
  const sign = ns < 0 ? '-' : '';
  const abs = Math.abs(ns);
  const rounded = Math.floor((abs / unit) * scale + 0.5);
  if (decimals === 0) return `${sign}${rounded}`;
  const whole = Math.floor(rounded / scale);
  return `${sign}${whole}.${String(rounded - whole * scale).padStart(decimals, '0')}`;
}

/** Decimals (1 … 3) that show each of `values` exactly in units of `unit` ns, or 3. */
export function decimalsFor(values: Iterable<Nanos>, unit: Nanos): number {
  let decimals = 1;
  for (const ns of values) {
    while (decimals < 3 && (ns * 10 ** decimals) % unit !== 0) decimals++;
  }
  return decimals;
}

/** A time for a sentence: `13.0 ms`; as many decimals as it needs, 1 … 3. */
export function msText(ns: Nanos): string {
  return `${fixed(ns, NS_PER_MS, decimalsFor([ns], NS_PER_MS))} ms`;
}

/** `n` things: `1 cpu`, `2 cpus`. */
export function count(n: number, thing: string): string {
  return `${n} ${thing}${n === 1 ? '' : 's'}`;
}

/** At most `width` characters, the last an ellipsis when something was cut. */
export function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** Broken at spaces into lines of at most `width` characters; lines after the first begin with `indent`. */
export function wrap(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width || line === '') line = longer;
    else {
      lines.push(line);
      line = indent + word;
    }
  }
  lines.push(line);
  return lines;
}
