import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readNpy, writeNpy } from '../../../src/data/npy.ts'
import { InputError } from '../../../src/errors/input-error.ts'
import { allocate, dtypes } from '../../../src/tensor/dtype.ts'
import { elementCount } from '../../../src/tensor/shape.ts'
import { float32, type Tensor } from '../../../src/tensor/tensor.ts'
import { mutate } from '../../support/mutate.ts'

const folder = 'test/fixtures/npy'
const read = (name: string) => new Uint8Array(readFileSync(`${folder}/${name}.npy`))
const expected: Record<string, { shape: number[]; values: string[] }> = JSON.parse(
  readFileSync(`${folder}/expected.json`, 'utf8'),
)

function withHeader(header: string, body = 0): Uint8Array {
  const bytes = new Uint8Array(10 + header.length + body)
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8])
  bytes.set(new TextEncoder().encode(header), 10)
  return bytes
}

describe('npy files written by NumPy', () => {
  it.each(Object.keys(expected))('%s has the values NumPy wrote', name => {
    const { shape, values } = expected[name]!
    const t = readNpy(read(name))
    expect(t.shape).toEqual(shape)
    const number = (v: string) => (v === 'True' ? 1 : v === 'False' ? 0 : Number(v))
    if (t.data instanceof BigInt64Array || t.data instanceof BigUint64Array) {
      expect([...t.data]).toEqual(values.map(BigInt))
    } else {
      expect([...t.data]).toEqual(values.map(number))
    }
  })

  it.each(Object.keys(expected).filter(name => !/big|fortran|version/.test(name)))(
    '%s is written back as the same bytes',
    name => {
      expect(writeNpy(readNpy(read(name)))).toEqual(read(name))
    },
  )

  it('covers every file of the folder', () => {
    const refused = ['records', 'objects', 'complex']
    const files = readdirSync(folder).filter(f => f.endsWith('.npy'))
    expect(files.map(f => f.slice(0, -4)).sort()).toEqual([...Object.keys(expected), ...refused].sort())
  })
})

describe('npy', () => {
  it('gives back what was written, for every element type and shape', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...dtypes),
        fc.array(fc.nat(4), { maxLength: 5 }),
        fc.nat(2 ** 31),
        (dtype, shape, seed) => {
          const data = allocate(dtype, elementCount(shape))
          const raw = new Uint8Array(data.buffer)
          for (let i = 0; i < raw.length; i++)
            raw[i] = dtype === 'bool' ? i % 2 : (seed >>> (i % 24)) + i * 31
          const t: Tensor = { dtype, shape, data }
          const back = readNpy(writeNpy(t))
          expect(back.dtype).toBe(dtype)
          expect(back.shape).toEqual(shape)
          expect(new Uint8Array(back.data.buffer, back.data.byteOffset, back.data.byteLength)).toEqual(raw)
        },
      ),
    )
  })

  it('reads from an unaligned view', () => {
    const bytes = writeNpy(float32([3], [1, -2, 3.5]))
    const shifted = new Uint8Array(bytes.length + 1)
    shifted.set(bytes, 1)
    expect([...readNpy(shifted.subarray(1)).data]).toEqual([1, -2, 3.5])
  })

  it.each([
    ['objects', /Python objects/],
    ['records', /structured array/],
    ['complex', /unknown element type "<c16"/],
  ])('refuses %s', (name, message) => {
    expect(() => readNpy(read(name))).toThrow(InputError)
    expect(() => readNpy(read(name))).toThrow(message)
  })

  it.each([
    ['not npy', new TextEncoder().encode('hello'), /begin with/],
    ['empty', new Uint8Array(0), /begin with/],
    ['an unknown version', Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 9, 0, 0, 0), /version 9\.0/],
    ['a cut header', read('f4-little').subarray(0, 40), /cut short/],
    ['a cut body', read('f4-little').subarray(0, 150), /takes 96 bytes.*cut short/],
    ['bytes left over', Uint8Array.of(...read('f4-little'), 0), /not a single array/],
    ['code in the header', withHeader("__import__('os').system('true')\n"), /must be a dict/],
    ['a missing key', withHeader("{'descr': '<f4', 'shape': (1,)}"), /must be a dict/],
    [
      'a doubled key',
      withHeader("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}"),
      /dict/,
    ],
    ['a negative axis', withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}"), /bad shape/],
    [
      'an absurd axis',
      withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999999,)}"),
      /larger/,
    ],
    [
      'an absurd axis beside an empty one',
      withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 9999999999999)}"),
      /larger/,
    ],
    [
      'a bool that is neither',
      withHeader("{'descr': '|b1', 'fortran_order': False, 'shape': ()}", 1).fill(7, -1),
      /0 or 1/,
    ],
  ])('names what is wrong with %s', (_, bytes, message) => {
    expect(() => readNpy(bytes, 'x.npy')).toThrow(InputError)
    expect(() => readNpy(bytes, 'x.npy')).toThrow(message)
    expect(() => readNpy(bytes, 'x.npy')).toThrow(/^x\.npy/)
  })

  it('survives 5,000 mutated files with an InputError or an array', () => {
    const sources = Object.keys(expected).map(read)
    for (const bytes of mutate(sources, 5000, 1)) {
      try {
        const t = readNpy(bytes)
        expect(t.data.length).toBe(elementCount(t.shape))
      } catch (error) {
        expect(error).toBeInstanceOf(InputError)
      }
    }
  })
})
