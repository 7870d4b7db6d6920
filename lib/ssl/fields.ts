/** A message ends in the middle of a field. */
export class Malformed extends Error {}

/** The fields of a message of TLS, one after the other (RFC 8446, section 3). */
export class Fields {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  take(length: number): Buffer {
    const start = this.#at;
    if (start + length > this.#bytes.length) throw new Malformed();
    this.#at += length;
    return this.#bytes.subarray(start, start + length);
  }

  /** A number of one to three bytes. */
  number(size: number): number {
    return this.take(size).readUIntBE(0, size);
  }

  /** Bytes after a length of one to three bytes. */
  vector(sizeOfLength: number): Buffer {
    return this.take(this.number(sizeOfLength));
  }

  /** A list in a vector, of items that `item` reads. */
  list<T>(sizeOfLength: number, item: (fields: Fields) => T): T[] {
    const fields = new Fields(this.vector(sizeOfLength));
    const items: T[] = [];
    while (!fields.isAtEnd) items.push(item(fields));
    return items;
  }
}
