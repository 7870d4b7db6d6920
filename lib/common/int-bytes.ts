/** C ints, as they lie in the machine's memory. */
export function intBytes(...values: readonly number[]): Buffer {
  return Buffer.from(Int32Array.from(values).buffer);
}
