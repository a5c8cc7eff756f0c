/**
 * Whether waker and wakee have so many partners, in comparison with the CPUs that share a cache, that drawing the one to the other would
 * only make a crowd (`wake_wide`). Flips: how often a task lately woke another one than the time before.
 */
export function wakeWide(llcSize: number, wakerFlips: number, wakeeFlips: number): boolean {
  const fewer = Math.min(wakerFlips, wakeeFlips);
  return fewer >= llcSize && Math.max(wakerFlips, wakeeFlips) >= fewer * llcSize;
}
