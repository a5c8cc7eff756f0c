/** `to`, a longer array, with the contents of `from` in front. */
export function grown<T extends Uint8Array | Int16Array | Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
