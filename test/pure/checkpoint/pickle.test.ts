// Pickles that Python wrote, in every protocol.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Global, NumpyArray, Opaque, readPickle } from '../../../src/checkpoint/index.ts'

const file = (name: string) => new Uint8Array(readFileSync(`test/fixtures/checkpoint/${name}`))
const dict = (value: unknown) => value as Map<string, unknown>
const protocols = [0, 1, 2, 3, 4, 5]

describe.each(protocols)('protocol %i', protocol => {
  const values = dict(readPickle(file(`values-${protocol}.pkl`)))

  it('gives Python values', () => {
    expect(values.get('none')).toBe(null)
    expect(values.get('flags')).toEqual([true, false])
    expect(values.get('ints')).toEqual([
      0,
      -1,
      255,
      256,
      65536,
      -(2 ** 31),
      2 ** 31,
      2 ** 53 - 1,
      -(2n ** 53n) - 1n,
      2n ** 70n,
    ])
    expect(values.get('floats')).toEqual([0.5, -1e300, Infinity, -Infinity])
    expect(values.get('text')).toBe('ünï\n\\ \u{1f600} \ud7ff')
    expect(values.get('long text')).toBe('x'.repeat(300))
    expect(values.get('bytes')).toEqual(Uint8Array.from({ length: 256 }, (_, i) => i))
    expect(values.get('bytearray')).toEqual(Uint8Array.of(97, 98, 99))
    expect(values.get('tuples')).toEqual([[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]])
    expect(values.get('dict')).toEqual(
      new Map<unknown, unknown>([
        ['a', 1],
        [2, 'b'],
      ]),
    )
    expect([...dict(values.get('ordered'))]).toEqual([
      ['z', 1],
      ['y', 2],
    ])
    expect(values.get('set')).toEqual(new Set([7]))
    expect(values.get('frozenset')).toEqual(new Set([8]))
  })

  it('keeps one object one', () => {
    const [a, b] = values.get('twice') as [unknown, unknown]
    expect(a).toEqual(['shared'])
    expect(a).toBe(b)
  })

  it('makes records of unknown classes', () => {
    const record = values.get('record')
    expect(record).toBeInstanceOf(Opaque)
    expect((record as Opaque).state).toEqual(
      new Map<string, unknown>([
        ['epochs', 3],
        ['arch', 'resnet50'],
      ]),
    )
    // Protocols 0 and 1 make objects by copyreg._reconstructor(class, ...).
    const { type, args } = record as Opaque
    const named = protocol < 2 ? args[0] : type
    expect((named as Global).path).toBe('argparse.Namespace')
  })

  it('gives NumPy arrays in row-major order', () => {
    const arrays = dict(readPickle(file(`arrays-${protocol}.pkl`)))
    const numbers = (key: string) => {
      const { dtype, shape, data } = (arrays.get(key) as NumpyArray).tensor()
      return { dtype, shape: [...shape], values: Array.from(data as ArrayLike<number | bigint>, Number) }
    }
    const plain = { shape: [2, 3], values: [0, 1, 2, 3, 4, 5] }
    for (const [code, dtype] of Object.entries({
      i1: 'int8',
      i2: 'int16',
      i4: 'int32',
      i8: 'int64',
      u1: 'uint8',
      u2: 'uint16',
      u4: 'uint32',
      u8: 'uint64',
      f4: 'float32',
      f8: 'float64',
      '>f4': 'float32',
      '>i2': 'int16',
      fortran: 'float32',
    }))
      expect([code, numbers(code)]).toEqual([code, { dtype, ...plain }])
    expect(numbers('bool')).toEqual({ dtype: 'bool', shape: [2, 3], values: [0, 0, 0, 1, 1, 1] })
    expect(numbers('cube')).toEqual({
      dtype: 'int16',
      shape: [2, 3, 4],
      values: Array.from({ length: 24 }, (_, i) => i),
    })
    expect(numbers('scalar array')).toEqual({ dtype: 'float64', shape: [], values: [1.5] })
    expect(numbers('empty')).toEqual({ dtype: 'float32', shape: [0, 3], values: [] })
    expect(arrays.get('scalar')).toBe(2.5)
    expect(() => (arrays.get('objects') as NumpyArray).tensor()).toThrow(/not plain numbers/)
  })
})

it('reads what Python 2 wrote: byte strings', () => {
  // cPickle.dumps({'data': '\x00\xff', 'n': 3L}, 2)
  const bytes = Uint8Array.from(
    Buffer.from('\x80\x02}q\x01(U\x04dataq\x02U\x02\x00\xffU\x01nq\x03\x8a\x01\x03u.', 'latin1'),
  )
  expect(readPickle(bytes)).toEqual(
    new Map<string, unknown>([
      ['data', '\x00\xff'],
      ['n', 3],
    ]),
  )
})

it('makes arrays of data that Python 2 wrote as a byte string', () => {
  const text =
    "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR" +
    "(I1\n(I2\nI2\ntcnumpy\ndtype\n(S'u1'\nI0\nI1\ntR(I3\nS'|'\nNNNI-1\nI-1\nI0\ntbI00\nS'\\x01\\x02\\n\\xff'\ntb."
  const array = readPickle(new TextEncoder().encode(text)) as NumpyArray
  expect(array).toBeInstanceOf(NumpyArray)
  expect(array.tensor()).toEqual({ dtype: 'uint8', shape: [2, 2], data: Uint8Array.of(1, 2, 10, 255) })
})
