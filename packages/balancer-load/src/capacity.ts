/** `capacity_greater`: clearly, by about 5 %. */
export function capacityGreater(a: number, b: number): boolean {
  return a * 1024 > b * 1078;
}

/** `check_cpu_capacity`: other classes take so much of a CPU of `original` capacity that it shows. */
export function isReduced(capacity: number, original: number, pct: number): boolean {
  return capacity * pct < original * 100;
}

/** `fits_capacity`: utilisation and a fifth more. */
export function fitsCapacity(util: number, capacity: number): boolean {
  return util * 1280 < capacity * 1024;
}
