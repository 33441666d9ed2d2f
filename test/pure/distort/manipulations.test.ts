// Contours beside scikit-image's Canny, and the parametric distortions beside the code of Geirhos et al. (2018), which
// scripts/fixtures/distortions.py ran with our draws.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readNpy } from '../../../src/data/npy.ts'
import { luminanceOf } from '../../../src/distort/greyscale.ts'
import {
  cannyEdges,
  contour,
  type Distortion,
  guessedSilhouette,
  highPass,
  lowContrast,
  lowPass,
  phaseScrambled,
  rotated,
  saltAndPepper,
  uniformNoise,
} from '../../../src/distort/index.ts'
import { toTensor } from '../../../src/image/index.ts'
import { Random } from '../../../src/tensor/random.ts'
import { asFloat32, float32, rows } from '../../../src/tensor/tensor.ts'
import { expectClose } from '../../support/allclose.ts'
import { testPicture } from '../../support/picture.ts'

const file = (name: string) => readFileSync(new URL(`../../fixtures/distort/${name}`, import.meta.url))
const expected: {
  readonly edges: readonly (readonly [number, number, number])[]
  readonly manipulated: readonly string[]
} = JSON.parse(file('expected.json').toString())

test('edges are those of scikit-image', () => {
  const { data } = readNpy(file('edges.npy'))
  const grey = luminanceOf(toTensor([testPicture(64, 48)]))
  for (const [i, [sigma, low, high]] of expected.edges.entries()) {
    const golden = Uint8Array.from(data.subarray(i * 3072, (i + 1) * 3072) as Uint8Array)
    expect(golden.some(value => value === 1)).toBe(true)
    expect(cannyEdges(grey, 48, 64, { sigma, low, high })).toEqual(golden)
  }
})

const wide = toTensor([testPicture(32, 24)])

const same: readonly (readonly [Distortion, seed: number])[] = [
  [lowContrast(0.3), 0],
  [uniformNoise(0.35), 4],
  [saltAndPepper(0.2), 6],
  [highPass(1.5), 0],
  [lowPass(3), 0],
  [phaseScrambled(90), 5],
  [phaseScrambled(30), 5],
  [rotated(180), 0],
]

describe("the authors' manipulations", () => {
  const golden = asFloat32(readNpy(file('manipulated.npy')))
  test.each(same.map(([d, seed], i) => [expected.manipulated[i]!, d, seed, i] as const))(
    '%s',
    (_, distortion, seed, i) => {
      const made = distortion.apply(wide, new Random(seed))
      for (let channel = 0; channel < 3; channel++) {
        const plane = made.data.subarray(channel * 768, (channel + 1) * 768)
        expectClose(plane, rows(golden, i, i + 1).data, { absolute: 1e-5 })
      }
    },
  )

  test('quarter turns', () => {
    const turned = asFloat32(readNpy(file('turned.npy')))
    const { data } = wide
    // The left square of the picture.
    const square = Float32Array.from({ length: 3 * 24 * 24 }, (_, k) => {
      const [row, x] = [Math.floor(k / 24), k % 24]
      return data[row * 32 + x]!
    })
    for (const [i, degrees] of ([90, 270] as const).entries()) {
      const made = rotated(degrees).apply(float32([1, 3, 24, 24], square), new Random(0))
      const plane = made.data.subarray(0, 576)
      expectClose(plane, rows(turned, i, i + 1).data, { absolute: 1e-5 })
    }
    expect(() => rotated(90).apply(wide, new Random(0))).toThrow('only square images')
  })
})

test('a guessed silhouette finds a disc on a plain ground, dark or light', () => {
  for (const [ground, disc] of [
    [0.2, 0.9],
    [0.8, 0.1],
  ] as const) {
    const inside = (i: number) => (Math.floor((i % 256) / 16) - 8) ** 2 + ((i % 16) - 8) ** 2 < 20
    const images = float32(
      [1, 3, 16, 16],
      Float32Array.from({ length: 768 }, (_, i) => (inside(i) ? disc : ground)),
    )
    const made = guessedSilhouette.apply(images, new Random(0)).data
    expect([...made]).toEqual(Array.from({ length: 768 }, (_, i) => (inside(i) ? 1 : 0)))
  }
})

test('says what is wrong', () => {
  expect(() => contour({ low: 0.5, high: 0.2 })).toThrow('0 <= low <= high')
  expect(() => lowContrast(2)).toThrow('between 0 and 1, found 2')
  expect(() => lowPass(0)).toThrow('above 0, found 0')
  expect(() => phaseScrambled(200)).toThrow('0 to 180 degrees, found 200')
  expect(() => rotated(45 as 90)).toThrow('90, 180 or 270')
})
