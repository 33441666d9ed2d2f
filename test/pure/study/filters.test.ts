import { expect, test } from 'vitest'
import { drawKernels } from '../../../src/study/evidence/filters.ts'

test('kernels lie in rows of eight with white gaps, each scaled by its own largest weight around grey', () => {
  const units = 10
  const weights = new Float32Array(units * 12)
  weights[0] = -0.5 // unit 0, red, top left: the largest of its kernel
  weights[4] = 0.25 // unit 0, green, top left
  weights[9 * 12 + 11] = 3 // unit 9, blue, bottom right
  const picture = drawKernels({ units, height: 2, width: 2, weights })
  expect([picture.width, picture.height, picture.channels]).toEqual([8 * 3 - 1, 2 * 3 - 1, 3])
  const at = (x: number, y: number) => [
    ...picture.data.subarray(3 * (y * picture.width + x), 3 * (y * picture.width + x) + 3),
  ]
  expect(at(0, 0)).toEqual([0, 191, 128])
  expect(at(1, 0)).toEqual([128, 128, 128])
  expect(at(2, 0)).toEqual([255, 255, 255])
  expect(at(0, 2)).toEqual([255, 255, 255])
  expect(at(3 + 1, 3 + 1)).toEqual([128, 128, 255])
  expect(at(22, 4)).toEqual([255, 255, 255])
})
