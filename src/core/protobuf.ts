// A protobuf writer: just the wire types that ONNX models and TensorBoard's events use.

/** Builds one protobuf message; fields are appended in the order of the calls. */
export class ProtobufMessage {
  #buffer = new Uint8Array(256);
  #length = 0;

  /** Varint field (int32, int64, enum, bool); negative numbers are two's complement over 64 bits. */
  integer(field: number, value: number): this {
    this.#tag(field, 0);
    this.#varint(value);
    return this;
  }

  /** 32-bit float field. */
  float(field: number, value: number): this {
    this.#tag(field, 5);
    this.#reserve(4);
    new DataView(this.#buffer.buffer).setFloat32(this.#length, value, true);
    this.#length += 4;
    return this;
  }

  /** 64-bit float field. */
  double(field: number, value: number): this {
    this.#tag(field, 1);
    this.#reserve(8);
    new DataView(this.#buffer.buffer).setFloat64(this.#length, value, true);
    this.#length += 8;
    return this;
  }

  /** Length-delimited field: bytes, a string or a nested message. */
  bytes(field: number, value: Uint8Array | string | ProtobufMessage): this {
    const data =
      value instanceof ProtobufMessage
        ? value.encode()
        : typeof value === "string"
          ? Buffer.from(value, "utf8")
          : value;
    this.#tag(field, 2);
    this.#varint(data.byteLength);
    this.#reserve(data.byteLength);
    this.#buffer.set(data, this.#length);
    this.#length += data.byteLength;
    return this;
  }

  /** The bytes so far (a view, valid until the next call). */
  encode(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  #tag(field: number, wireType: number): void {
    this.#varint(field * 8 + wireType);
  }

  #varint(value: number): void {
    this.#reserve(10);
    if (value < 0) {
      for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
        if (rest < 128n) {
          this.#buffer[this.#length++] = Number(rest);
          return;
        }
        this.#buffer[this.#length++] = Number(rest & 127n) | 128;
      }
    }
    // Division, not shifts: lengths and ids may pass 2^31.
    let rest = value;
    while (rest > 127) {
      this.#buffer[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[this.#length++] = rest;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(this.#buffer.length * 2, this.#length + count));
    grown.set(this.encode());
    this.#buffer = grown;
  }
}
