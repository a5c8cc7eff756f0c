import type { ClassicArrangement } from '@proxysched/preset-classic';
import type { ArrangementOptions } from './choose-arrangement.js';
import type { WorkloadOptions } from './load-workload.js';

/** The command that makes a run again, with what was decided elsewhere (file, default) written out. */
export function reproduceLine(
  file: string,
  options: WorkloadOptions & ArrangementOptions,
  decided: { readonly classic?: ClassicArrangement | undefined; readonly proxy: string; readonly seed: number },
): string {
  const { classic, proxy, seed } = decided;
  const on = classic === undefined ? ['--proxy', proxy] : ['--class', classic.cls, '--locks', classic.locks];
  const words = ['proxysched', 'run', file, ...on, '--seed', String(seed)];
  const { cpus, until, duplicates, suspend, deadlock } = options;
  if (cpus !== undefined) words.push('--cpus', String(cpus));
  if (until !== undefined) words.push('--until', until);
  if (duplicates !== undefined) words.push('--duplicates', duplicates);
  if (suspend !== undefined) words.push('--suspend', suspend);
  if (deadlock !== undefined) words.push('--deadlock', deadlock);
  for (const path of options.module) words.push('--module', path);
  for (const [key, value] of Object.entries(options.set)) words.push('--set', `${key}=${value}`);
  return words.map(quoted).join(' ');
}

/** For a POSIX shell, and only where it is needed. */
function quoted(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
