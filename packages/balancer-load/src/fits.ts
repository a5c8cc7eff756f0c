/** `fits_capacity`: utilisation and a fifth more. */
export function fitsCapacity(util: number, capacity: number): boolean {
  return util * 1280 < capacity * 1024;
}
