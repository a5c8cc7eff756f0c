import type { Nanos } from '@proxysched/core';

const utf8 = new TextEncoder();

/** Appends protobuf fields to a growing buffer: varints, fixed64, strings and nested messages; all that a trace needs. */
export class ProtoWriter {
  private buffer: Uint8Array<ArrayBuffer>;
  private length = 0;

  constructor(capacity = 1024) {
    this.buffer = new Uint8Array(capacity);
  }

  /** A copy of what was written. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.buffer.slice(0, this.length);
  }

  /** Integer field; negative values as 64-bit two's complement (ten bytes). */
  varint(field: number, value: Nanos): void {
    this.number(field * 8);
    this.number(value);
  }

  fixed64(field: number, value: number): void {
    this.number(field * 8 + 1);
    this.reserve(8);
    let rest = value;
    for (let i = 0; i < 8; i++) {
      this.buffer[this.length++] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }

  string(field: number, text: string): void {
    this.raw(field, utf8.encode(text));
  }

  /** A length-delimited field of ready bytes. */
  raw(field: number, bytes: Uint8Array): void {
    this.number(field * 8 + 2);
    this.number(bytes.length);
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** What `other` holds, as it is: fields of the message in hand. */
  append(other: ProtoWriter): void {
    this.reserve(other.length);
    this.buffer.set(other.buffer.subarray(0, other.length), this.length);
    this.length += other.length;
  }

  /** A nested message: whatever `write` appends. Its length goes in front afterwards, so the bytes move once. */
  message(field: number, write: () => void): void {
    this.number(field * 8 + 2);
    const start = this.length;
    write();
    const size = this.length - start;
    let prefix = 1;
    for (let rest = size; rest >= 128; rest = Math.floor(rest / 128)) prefix++;
    this.reserve(prefix);
    this.buffer.copyWithin(start + prefix, start, this.length);
    this.length = start;
    this.number(size);
    this.length += size;
  }

  private number(value: number): void {
    this.reserve(10);
    if (value < 0) {
      let rest = BigInt.asUintN(64, BigInt(value));
      while (rest > 127n) {
        this.buffer[this.length++] = Number(rest & 127n) | 128;
        rest >>= 7n;
      }
      this.buffer[this.length++] = Number(rest);
      return;
    }
    let rest = value;
    while (rest > 127) {
      this.buffer[this.length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.buffer[this.length++] = rest;
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const more = new Uint8Array(Math.max(2 * this.buffer.length, this.length + bytes));
    more.set(this.buffer);
    this.buffer = more;
  }
}
