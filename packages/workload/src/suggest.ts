/** The known name nearest to a mistyped one, when it is near enough to be meant. */
export function suggest(name: string, known: Iterable<string>): string | undefined {
  if (name.length > 64) return undefined;
  let best: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const d = candidate.toLowerCase() === name.toLowerCase() ? 0 : distance(name, candidate, least);
    if (d < least && candidate !== name) {
      best = candidate;
      least = d;
    }
  }
  // A word cut short is meant more often than it is mistyped beyond recognition.
  return best ?? (name.length >= 3 ? [...known].find(candidate => candidate.toLowerCase().startsWith(name.toLowerCase())) : undefined);
}

/** Edits from one word to the other, a swap of neighbours counting one (Damerau, restricted); at most `limit`. */
export function distance(a: string, b: string, limit = Infinity): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let d = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) d = Math.min(d, before[j - 2]! + 1);
      row.push(d);
    }
    before = above;
    above = row;
  }
  return Math.min(above[b.length]!, limit);
}
