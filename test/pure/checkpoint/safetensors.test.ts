import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memorySource, readSafetensors, writeSafetensors } from '../../../src/checkpoint/index.ts'
import { InputError } from '../../../src/errors/input-error.ts'
import { allocate, dtypes } from '../../../src/tensor/dtype.ts'
import { elementCount } from '../../../src/tensor/shape.ts'
import { float32, type Tensor, tensor } from '../../../src/tensor/tensor.ts'

const file = (header: string, data: Uint8Array = new Uint8Array(0)) => {
  const text = new TextEncoder().encode(header)
  const bytes = new Uint8Array(8 + text.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  bytes.set(data, 8 + text.length)
  return bytes
}
const read = (bytes: Uint8Array) => readSafetensors(memorySource(bytes, 'w.safetensors'))

const tensors = fc.array(
  fc
    .record({
      dtype: fc.constantFrom(...dtypes),
      shape: fc.array(fc.nat(3), { maxLength: 4 }),
      byte: fc.nat(255),
    })
    .map(({ dtype, shape, byte }): Tensor => {
      const data = allocate(dtype, elementCount(shape))
      new Uint8Array(data.buffer).fill(byte)
      return tensor(dtype, shape, data)
    }),
  { maxLength: 6 },
)
const name = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '1', ''))

it('reads what it wrote, whatever the names, types and texts', () => {
  fc.assert(
    fc.property(
      tensors,
      fc.uniqueArray(name, { minLength: 6, maxLength: 6 }),
      fc.dictionary(fc.string(), fc.string()),
      (values, names, notes) => {
        const given = new Map(values.map((value, i) => [names[i]!, value]))
        const metadata = new Map(Object.entries(notes))
        const written = writeSafetensors(given, metadata)
        const found = read(written)
        expect(new Map([...found.tensors].map(([key, stored]) => [key, stored.read()]))).toEqual(given)
        expect(found.metadata).toEqual(metadata)
        expect(writeSafetensors(given, metadata)).toEqual(written)
        // A reader in C++ or Rust may map the file: data must be aligned.
        for (const { data } of [...found.tensors.values()].map(stored => stored.read()))
          expect(data.byteOffset % data.BYTES_PER_ELEMENT).toBe(0)
      },
    ),
  )
})

it('gives views, not copies', () => {
  const bytes = writeSafetensors(new Map([['w', float32([2], [1, 2])]]))
  expect(read(bytes).tensors.get('w')!.read().data.buffer).toBe(bytes.buffer)
})

it('reads a file whose header is not padded', () => {
  const bytes = file(
    '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} ',
    new Uint8Array([0, 0, 128, 63]),
  )
  expect(read(bytes).tensors.get('a')!.read()).toEqual(float32([1], [1]))
})

const entry = (offsets: string, shape = '[2]', dtype = 'F32') =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`

describe.each<[string, string | Uint8Array, number, RegExp]>([
  ['nothing', new Uint8Array(0), 0, /shorter than 8 bytes/],
  [
    'a header longer than the file',
    Uint8Array.of(255, 0, 0, 0, 0, 0, 0, 0, 123),
    0,
    /header of 255 bytes does not fit/,
  ],
  ['a header longer than memory', new Uint8Array(16).fill(255), 0, /does not fit in/],
  ['no JSON', '{"a"', 0, /not a JSON object/],
  ['JSON of arrays', '[]', 0, /not a JSON object/],
  ['JSON nested deep', '{"a":'.repeat(200_000), 0, /not a JSON object/],
  ['metadata of numbers', '{"__metadata__":{"a":1}}', 0, /metadata are not texts/],
  ['an entry without shape', '{"a":{"dtype":"F32","data_offsets":[0,4]}}', 4, /entry of a is not/],
  [
    'an entry with more',
    '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}',
    4,
    /entry of a is not/,
  ],
  ['a fractional shape', `{"a":${entry('[0,6]', '[1.5]')}}`, 6, /entry of a is not/],
  ['a negative offset', `{"a":${entry('[-8,0]')}}`, 8, /entry of a is not/],
  ['an unknown type', `{"a":${entry('[0,2]', '[2]', 'F8_E4M3')}}`, 2, /a has the element type F8_E4M3/],
  ['too few bytes', `{"a":${entry('[0,4]')}}`, 4, /a has 4 bytes, its shape \[2\] of float32 needs/],
  ['offsets backwards', `{"a":${entry('[8,0]')}}`, 8, /a has -8 bytes/],
  [
    'an overflowing shape',
    `{"a":${entry('[0,8]', '[4294967296,4294967296,4294967296]')}}`,
    8,
    /needs another number/,
  ],
  ['an overlap', `{"a":${entry('[0,8]')},"b":${entry('[4,12]')}}`, 12, /data of b overlap/],
  ['the same data twice', `{"a":${entry('[0,8]')},"b":${entry('[0,8]')}}`, 8, /overlap/],
  ['a gap', `{"a":${entry('[0,8]')},"b":${entry('[9,17]')}}`, 17, /data of b leave a gap/],
  ['a name twice', `{"a":${entry('[0,8]')},"a":${entry('[8,16]')}}`, 16, /leave a gap/],
  ['bytes left over', `{"a":${entry('[0,8]')}}`, 9, /9 bytes of data, 8 are described/],
  ['data cut off', `{"a":${entry('[0,8]')}}`, 7, /7 bytes of data, 8 are described/],
])('%s', (_, header, length, message) => {
  it('is refused', () => {
    const bytes = typeof header === 'string' ? file(header, new Uint8Array(length)) : header
    expect(() => read(bytes)).toThrow(InputError)
    expect(() => read(bytes)).toThrow(message)
  })
})

it('does not write a weight called like the metadata', () => {
  expect(() => writeSafetensors(new Map([['__metadata__', float32([], [1])]]))).toThrow(InputError)
})
