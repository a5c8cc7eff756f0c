import { parseDuration } from '@proxysched/workload';
import { badUntil, impossibleUntil } from './errors.js';

/** `--until 500ms` in nanoseconds. */
export function parseUntil(text: string): number {
  const time = parseDuration(text);
  if (!time.ok) throw /^\s*-\s*\d/.test(text) ? impossibleUntil(time.why) : badUntil(time.why);
  if (time.ns === 0) throw impossibleUntil('a run that takes no time shows nothing');
  return time.ns;
}
