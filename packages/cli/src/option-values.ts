import { InvalidArgumentError } from 'commander';

/*
 * Readers of option values, called while the command line is taken apart. They tell what is no number or no name at all;
 * whether a number makes sense (no CPU, time before zero) is asked later, as of a file.
 */

export function wholeNumber(text: string): number {
  if (!/^-?\d{1,16}$/.test(text.trim())) throw new InvalidArgumentError('It needs a whole number.');
  return Number(text);
}

/** `key=value`, collected; the value stays text until someone knows the key. */
export function setting(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It needs a name and a value, as in --set fair.baseSlice=3ms.');
  return { ...before, [text.slice(0, at).trim()]: text.slice(at + 1).trim() };
}

export function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

/** `a,b,c` out of `known`, in the order of `known`. */
export function listOf<T extends string>(known: readonly T[]): (text: string) => readonly T[] {
  return text => {
    const names = text.split(',').map(name => name.trim());
    const stranger = names.find(name => !known.some(k => k === name));
    if (stranger !== undefined) throw new InvalidArgumentError(`"${stranger}" is none of ${known.join(', ')}.`);
    return known.filter(k => names.includes(k));
  };
}

/** Numbers of CPUs, collected: 1 to 64, on which a study ends in reasonable time. */
export function cpuCounts(text: string, before: readonly number[]): readonly number[] {
  const n = wholeNumber(text);
  if (n < 1 || n > 64) throw new InvalidArgumentError('It needs a whole number from 1 to 64.');
  return [...before, n];
}

/** Written out, so that the command line starts without the class; a test holds it to `fairOptions`. */
export const FAIR_VERSIONS = ['6.1', '6.12', '7.2', '7.3'];

/** Values of `fair.version`, collected. */
export function fairVersions(text: string, before: readonly string[]): readonly string[] {
  if (!FAIR_VERSIONS.includes(text)) throw new InvalidArgumentError(`It is one of ${FAIR_VERSIONS.join(', ')}.`);
  return [...before, text];
}
