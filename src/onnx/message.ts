// A protobuf message under construction. It keeps large byte fields as references and joins everything once, at
// the end, so that writing a 250 MB model allocates 250 MB and not one copy per level of nesting.

import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/** Byte fields below this size are copied into the current piece rather than kept as a piece of their own. */
const SMALL = 4096
const INT64_MAX = 2n ** 63n - 1n

/** Appends fields in the order of the calls. */
export class Message {
  private readonly pieces: Uint8Array[] = []
  private readonly writer = new BinaryWriter()
  private size = 0

  /** A varint field; numbers beyond int64 (2^63, as a double holds INT64_MAX) are clamped. */
  int(field: number, value: number | bigint): void {
    this.writer.tag(field, WireType.Varint).int64(int64(value))
  }

  float(field: number, value: number): void {
    this.writer.tag(field, WireType.Bit32).float(value)
  }

  string(field: number, value: string): void {
    this.writer.tag(field, WireType.LengthDelimited).string(value)
  }

  /** A bytes field. A large `value` must not change before {@link finish}. */
  bytes(field: number, value: Uint8Array): void {
    this.writer.tag(field, WireType.LengthDelimited).uint32(value.length)
    this.append(value)
  }

  /** Repeated integers in packed form. */
  ints(field: number, values: readonly (number | bigint)[]): void {
    this.writer.tag(field, WireType.LengthDelimited).fork()
    for (const value of values) this.writer.int64(int64(value))
    this.writer.join()
  }

  /** Repeated floats in packed form. */
  floats(field: number, values: readonly number[]): void {
    this.writer.tag(field, WireType.LengthDelimited).fork()
    for (const value of values) this.writer.float(value)
    this.writer.join()
  }

  /** A nested message, which must be complete. */
  message(field: number, child: Message): void {
    child.flush()
    this.writer.tag(field, WireType.LengthDelimited).uint32(child.size)
    for (const piece of child.pieces) this.append(piece)
  }

  /** Bytes of the message so far. */
  byteLength(): number {
    this.flush()
    return this.size
  }

  /** The message in one array. */
  finish(): Uint8Array<ArrayBuffer> {
    this.flush()
    const all = new Uint8Array(this.size)
    let at = 0
    for (const piece of this.pieces) {
      all.set(piece, at)
      at += piece.length
    }
    return all
  }

  private append(piece: Uint8Array): void {
    if (piece.length < SMALL) {
      this.writer.raw(piece)
    } else {
      this.flush()
      this.pieces.push(piece)
      this.size += piece.length
    }
  }

  private flush(): void {
    const piece = this.writer.finish()
    if (piece.length === 0) return
    this.pieces.push(piece)
    this.size += piece.length
  }
}

function int64(value: number | bigint): bigint {
  const big = BigInt(value)
  return big > INT64_MAX ? INT64_MAX : big < -INT64_MAX - 1n ? -INT64_MAX - 1n : big
}
