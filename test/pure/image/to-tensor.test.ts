import { describe, expect, it } from 'vitest'
import { InputError } from '../../../src/errors/input-error.ts'
import { pixels, toRgb } from '../../../src/image/pixels.ts'
import { toPixels, toTensor } from '../../../src/image/to-tensor.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { noise } from '../../support/noise.ts'

describe('between pixels and tensors', () => {
  it('nothing is lost', () => {
    const images = [noise(7, 5, 3), noise(7, 5, 3)]
    images[1]!.data.reverse()
    const t = toTensor(images)
    expect(t.shape).toEqual([2, 3, 5, 7])
    expect([toPixels(t, 0), toPixels(t, 1)]).toEqual(images)
  })

  it('every level is v / 255 in float32', () => {
    const t = toTensor([
      pixels(
        256,
        1,
        1,
        Uint8Array.from({ length: 256 }, (_, v) => v),
      ),
    ])
    for (let v = 0; v < 256; v++) {
      for (const plane of [0, 256, 512]) expect(t.data[plane + v]).toBe(Math.fround(v / 255))
    }
  })

  it('values between levels go to the nearest, and those outside are clipped', () => {
    const levels = [0.49, 0.51, 1.49, 2.51, 254.51, 300, -7, Number.NaN, 128]
    const t = float32(
      [1, 3, 1, 3],
      levels.map(v => v / 255),
    )
    const at = (c: number, i: number) => toPixels(t).data[3 * i + c]
    expect(levels.map((_, i) => at(Math.floor(i / 3), i % 3))).toEqual([0, 1, 1, 3, 255, 255, 0, 0, 128])
  })

  it('grey becomes three equal channels', () => {
    expect(toRgb(pixels(2, 1, 1, Uint8Array.of(5, 9))).data).toEqual(Uint8Array.of(5, 5, 5, 9, 9, 9))
  })

  it('what does not fit is refused', () => {
    expect(() => toTensor([])).toThrow(InputError)
    expect(() => toTensor([noise(2, 2, 3), noise(2, 3, 3)])).toThrow(
      /one size: the first is 2x2, image 1 is 2x3/,
    )
    expect(() => toPixels(float32([1, 1, 2, 2], [0, 0, 0, 0]))).toThrow(/no RGB image 0/)
    expect(() => toPixels(float32([1, 3, 1, 1], [0, 0, 0]), 1)).toThrow(/no RGB image 1/)
    expect(() => pixels(2, 2, 3, new Uint8Array(11))).toThrow(/needs 12 bytes, found 11/)
    expect(() => pixels(0, 2, 3, new Uint8Array(0))).toThrow(InputError)
  })
})
