/** `max_load_balance_interval`: 0.1 s for each CPU online, in jiffies. */
export function maxBalanceInterval(hz: number, cpus: number): number {
  return Math.floor((hz * cpus) / 10);
}

/**
 * `get_sd_balance_interval` in jiffies. A busy CPU looks `busyFactor` times less often, and one jiffy sooner so that levels whose
 * intervals are multiples of each other do not all come at once.
 *
 * @param ms the domain's `balance_interval`.
 */
export function balanceInterval(ms: number, busy: boolean, hz: number, cpus: number, busyFactor = 16): number {
  const factor = busy ? busyFactor : 1;
  const jiffies = Math.ceil((ms * factor * hz) / 1000) - (busy ? 1 : 0);
  return Math.max(1, Math.min(jiffies, maxBalanceInterval(hz, cpus)));
}
