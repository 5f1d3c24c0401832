/** Reads protobuf's wire format by field number: enough of it for OTLP, and independent of what wrote it. */

export class Message {
  readonly #fields = new Map<number, (Buffer | bigint)[]>();

  constructor(bytes: Buffer) {
    let at = 0;
    const varint = (): bigint => {
      let value = 0n;
      for (let shift = 0n; ; shift += 7n) {
        const byte = bytes.readUInt8(at++);
        value |= BigInt(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
      }
    };
    const take = (length: number): Buffer => {
      at += length;
      if (at > bytes.length) throw new RangeError('the message is cut');
      return bytes.subarray(at - length, at);
    };
    while (at < bytes.length) {
      const tag = Number(varint());
      const wireType = tag & 7;
      let value: Buffer | bigint;
      if (wireType === 0) value = varint();
      else if (wireType === 1) value = take(8);
      else if (wireType === 2) value = take(Number(varint()));
      else if (wireType === 5) value = take(4);
      else throw new RangeError(`wire type ${wireType}`);
      const number = tag >> 3;
      this.#fields.set(number, [...(this.#fields.get(number) ?? []), value]);
    }
  }

  has(number: number): boolean {
    return this.#fields.has(number);
  }

  messages(number: number): Message[] {
    return (this.#fields.get(number) ?? []).map((value) => new Message(value as Buffer));
  }

  /** An absent message is one without fields. */
  message(number: number): Message {
    return this.messages(number)[0] ?? new Message(Buffer.alloc(0));
  }

  text(number: number): string {
    return this.#bytes(number).toString('utf8');
  }

  hex(number: number): string {
    return this.#bytes(number).toString('hex');
  }

  /** A varint. */
  integer(number: number): number {
    return Number(this.#fields.get(number)?.[0] ?? 0n);
  }

  /** An int64 in eight bytes. */
  fixed(number: number): bigint {
    const bytes = this.#bytes(number);
    return bytes.length === 8 ? bytes.readBigInt64LE() : 0n;
  }

  double(number: number): number {
    const bytes = this.#bytes(number);
    return bytes.length === 8 ? bytes.readDoubleLE() : 0;
  }

  /** Repeated values of eight bytes, packed or not. */
  eights<T>(number: number, read: (bytes: Buffer) => T): T[] {
    const all = Buffer.concat((this.#fields.get(number) ?? []) as Buffer[]);
    return Array.from({ length: all.length / 8 }, (_, index) => read(all.subarray(index * 8, index * 8 + 8)));
  }

  #bytes(number: number): Buffer {
    return (this.#fields.get(number)?.[0] as Buffer | undefined) ?? Buffer.alloc(0);
  }
}
