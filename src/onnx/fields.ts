// Protobuf messages taken apart. Every length is checked against the bytes that remain before anything is
// allocated, and every fault of the bytes becomes an InputError that says which message it is in.

import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { InputError } from '../errors/input-error.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** One field of a message, decoded on demand as the type the caller expects. */
export class Field {
  constructor(
    /** Field number. */
    readonly number: number,
    private readonly wire: WireType,
    /** What follows the tag; for length-delimited fields without the length. */
    private readonly content: Uint8Array,
    private readonly what: string,
  ) {}

  bigint(): bigint {
    this.expect(WireType.Varint)
    return this.decode(content => BigInt(new BinaryReader(content).int64()))
  }

  /** An integer; beyond 2^53 the nearest double. */
  int(): number {
    return Number(this.bigint())
  }

  float(): number {
    this.expect(WireType.Bit32)
    return view(this.content).getFloat32(0, true)
  }

  /** The content itself, a view. */
  bytes(): Uint8Array {
    this.expect(WireType.LengthDelimited)
    return this.content
  }

  text(): string {
    const bytes = this.bytes()
    return this.decode(() => utf8.decode(bytes))
  }

  /** The integers of a repeated field: one, or a packed run. */
  bigints(): bigint[] {
    if (this.wire !== WireType.LengthDelimited) return [this.bigint()]
    return this.decode(content => {
      const reader = new BinaryReader(content)
      const out: bigint[] = []
      while (reader.pos < reader.len) out.push(BigInt(reader.int64()))
      return out
    })
  }

  ints(): number[] {
    return this.bigints().map(Number)
  }

  floats(): number[] {
    if (this.wire !== WireType.LengthDelimited) return [this.float()]
    return this.run(4, (data, at) => data.getFloat32(at, true))
  }

  doubles(): number[] {
    if (this.wire === WireType.Bit64) return [view(this.content).getFloat64(0, true)]
    this.expect(WireType.LengthDelimited)
    return this.run(8, (data, at) => data.getFloat64(at, true))
  }

  private run(size: number, get: (data: DataView, at: number) => number): number[] {
    const data = view(this.content)
    if (data.byteLength % size !== 0) this.fail(`holds ${data.byteLength} bytes, not a multiple of ${size}`)
    return Array.from({ length: data.byteLength / size }, (_, i) => get(data, i * size))
  }

  private expect(wire: WireType): void {
    if (this.wire !== wire)
      this.fail(`has protobuf wire type ${WireType[this.wire]}, expected ${WireType[wire]}`)
  }

  private decode<T>(read: (content: Uint8Array) => T): T {
    try {
      return read(this.content)
    } catch (error) {
      return this.fail(`cannot be decoded (${error instanceof Error ? error.message : error})`)
    }
  }

  private fail(fault: string): never {
    throw new InputError(`not a valid ONNX file: field ${this.number} of ${this.what} ${fault}`)
  }
}

/**
 * The fields of the message in `bytes`, in file order. `what` names it in errors (`node conv1`).
 * @throws InputError when the bytes end early or are not protobuf.
 */
export function* fieldsOf(bytes: Uint8Array, what: string): Generator<Field> {
  const reader = new BinaryReader(bytes)
  while (reader.pos < reader.len) {
    const start = reader.pos
    let field: Field
    try {
      const [number, wire] = reader.tag()
      if (wire === WireType.StartGroup || wire === WireType.EndGroup) throw new Error('protobuf group')
      const content = wire === WireType.LengthDelimited ? reader.bytes() : reader.skip(wire, number)
      field = new Field(number, wire, content, what)
    } catch (error) {
      const fault = error instanceof RangeError ? 'it is truncated' : 'it is damaged or of another format'
      throw new InputError(`not a valid ONNX file: ${fault} (byte ${start} of the ${reader.len} of ${what})`)
    }
    yield field
  }
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
