/**
 * Chance by the seed. xoshiro128** (Blackman and Vigna) in 32-bit integers; its state comes from the seed and a name, so
 * that one purpose draws the same numbers whatever else is drawn.
 */
export class Rng {
  constructor(
    private a: number,
    private b: number,
    private c: number,
    private d: number,
  ) {}

  /** 32 random bits. */
  next(): number {
    const result = Math.imul(rotl(Math.imul(this.b, 5), 7), 9) >>> 0;
    const t = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= t;
    this.d = rotl(this.d, 11);
    return result;
  }

  /** A whole number from `low` to `high`, both included, each equally likely: draws beyond the last full round are thrown away. */
  between(low: number, high: number): number {
    const n = high - low + 1;
    if (n <= 1) return low;
    const range = n <= 2 ** 32 ? 2 ** 32 : 2 ** 53;
    const fair = range - (range % n);
    for (;;) {
      const draw = range === 2 ** 32 ? this.next() : (this.next() >>> 11) * 2 ** 32 + this.next();
      if (draw < fair) return low + (draw % n);
    }
  }
}

/** The stream of one purpose under one seed. */
export function stream(seed: number, purpose: string): Rng {
  let hash = 0x811c9dc5;
  const mix = (byte: number): void => {
    hash = Math.imul(hash ^ byte, 0x01000193); // FNV-1a
  };
  for (let rest = seed, i = 0; i < 7; i++, rest = Math.floor(rest / 256)) mix(rest % 256);
  for (let i = 0; i < purpose.length; i++) {
    mix(purpose.charCodeAt(i) & 255);
    mix(purpose.charCodeAt(i) >>> 8);
  }
  // splitmix32 spreads the hash over the four words; they are never all zero, because its steps are a permutation.
  const word = (): number => {
    hash = (hash + 0x9e3779b9) | 0;
    let z = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return z ^ (z >>> 16);
  };
  return new Rng(word(), word(), word(), word());
}

const rotl = (x: number, k: number): number => (x << k) | (x >>> (32 - k));
