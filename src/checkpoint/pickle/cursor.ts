// Bounded reading of a pickle's bytes: every length is checked before anything is made of it.

import { InputError } from '../../errors/input-error.ts'

const utf8 = new TextDecoder('utf-8')

/** Bytes to text, one character each (Python's latin-1). */
export function latin1(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192))
  return text
}

export class Cursor {
  private readonly view: DataView

  constructor(
    readonly bytes: Uint8Array,
    public at = 0,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** An error that says where. */
  fault(message: string): InputError {
    return new InputError(`damaged pickle: ${message} (byte ${this.at})`)
  }

  /** The next `length` bytes, as a view. */
  take(length: number): Uint8Array {
    const start = this.skip(length)
    return this.bytes.subarray(start, this.at)
  }

  /** The bytes up to the next line feed, which is skipped. */
  line(): Uint8Array {
    const end = this.bytes.indexOf(10, this.at)
    if (end < 0) throw this.fault('a line does not end')
    const line = this.bytes.subarray(this.at, end)
    this.at = end + 1
    return line
  }

  uint8(): number {
    return this.bytes[this.skip(1)]!
  }

  uint16(): number {
    return this.view.getUint16(this.skip(2), true)
  }

  int32(): number {
    return this.view.getInt32(this.skip(4), true)
  }

  uint32(): number {
    return this.view.getUint32(this.skip(4), true)
  }

  /** A length of eight bytes. */
  uint64(): number {
    const value = this.view.getBigUint64(this.skip(8), true)
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.fault(`impossible length ${value}`)
    return Number(value)
  }

  /** Pickles store doubles big-endian. */
  float64(): number {
    return this.view.getFloat64(this.skip(8), false)
  }

  /** A little-endian two's complement integer of `length` bytes. */
  long(length: number): number | bigint {
    if (length > 1024) throw this.fault(`an integer of ${length} bytes`)
    let value = 0n
    const bytes = this.take(length)
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!)
    return narrow(BigInt.asIntN(8 * length, value))
  }

  utf8(length: number): string {
    return utf8.decode(this.take(length))
  }

  /** Passes over `length` bytes; returns where they start. */
  private skip(length: number): number {
    const left = this.bytes.length - this.at
    if (length > left) throw this.fault(`${length} bytes announced, ${left} left`)
    this.at += length
    return this.at - length
  }
}

/** A number where it is exact, else the bigint. */
export function narrow(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
