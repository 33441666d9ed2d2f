import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { average, PRECISION, packTaps } from '../../../src/image/averaging.ts'

it('the committed module is what its source compiles to', () => {
  const { status, stderr } = spawnSync('node', ['scripts/build-wasm.mjs', '--check'], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
})

it('sums any weights of 22 fractional bits as plain arithmetic does, clipped to a byte', () => {
  const axis = (size: number) =>
    fc.array(
      fc.tuple(fc.nat(size - 1), fc.integer({ min: 1, max: 9 })).chain(([start, count]) =>
        fc.tuple(
          fc.constant(start),
          fc.array(fc.integer({ min: -(1 << PRECISION), max: 1 << PRECISION }), {
            minLength: 1,
            maxLength: Math.min(count, size - start),
          }),
        ),
      ),
      { minLength: 1, maxLength: 5 },
    )
  const pack = (taps: [number, number[]][]) => {
    const ascending = [...taps].sort(([a], [b]) => a - b)
    return {
      plain: ascending,
      taps: packTaps(
        Int32Array.from(ascending, ([start]) => start),
        ascending.map(([, weights]) => weights),
      ),
    }
  }
  fc.assert(
    fc.property(
      axis(7),
      axis(5),
      fc.uint8Array({ minLength: 105, maxLength: 105 }),
      fc.constantFrom<1 | 3>(1, 3),
      fc.boolean(),
      (across, down, bytes, channels, verticalFirst) => {
        const image = { width: 7, height: 5, channels, data: bytes.subarray(0, 35 * channels) }
        const columns = pack(across)
        const rows = pack(down)
        const at = (y: number, x: number, c: number) => image.data[(y * 7 + x) * channels + c]!
        const mean = ([start, weights]: [number, number[]], value: (i: number) => number) => {
          const sum = weights.reduce((total, w, k) => (total + Math.imul(w, value(start + k))) | 0, 1 << 21)
          return Math.min(255, Math.max(0, sum >> PRECISION))
        }
        const expected = rows.plain.flatMap(row =>
          columns.plain.flatMap(column =>
            Array.from({ length: channels }, (_, c) =>
              verticalFirst
                ? mean(column, x => mean(row, y => at(y, x, c)))
                : mean(row, y => mean(column, x => at(y, x, c))),
            ),
          ),
        )
        expect([...average(image, columns.taps, rows.taps, verticalFirst)]).toEqual(expected)
      },
    ),
  )
})

it('takes an image larger than the memory it keeps, then a small one', () => {
  const flat = { width: 9000, height: 3000, channels: 3, data: new Uint8Array(81_000_000).fill(7) } as const
  const whole = packTaps(new Int32Array([0, 2999]), [[1 << PRECISION], [1 << PRECISION]])
  expect([...new Set(average(flat, whole, whole, false))]).toEqual([7])
  const small = { width: 1, height: 1, channels: 1, data: new Uint8Array([9]) } as const
  const one = packTaps(new Int32Array([0]), [[1 << PRECISION]])
  expect([...average(small, one, one, true)]).toEqual([9])
})
