import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  blackAndWhite,
  contour,
  type Distortion,
  falseColour,
  gaussianNoise,
  greyscale,
  guessedSilhouette,
  highPass,
  lowContrast,
  lowPass,
  lowResolution,
  otsuThreshold,
  paperOrder,
  phaseScrambled,
  rotated,
  saltAndPepper,
  scramble,
  silhouetteImages,
  uniformNoise,
} from '../../../src/distort/index.ts'
import { Random } from '../../../src/tensor/random.ts'
import { elementCount } from '../../../src/tensor/shape.ts'
import { type FloatTensor, float32, rows } from '../../../src/tensor/tensor.ts'
import { expectClose } from '../../support/allclose.ts'

function randomImages(seed: number, shape: readonly number[]): FloatTensor {
  const random = new Random(seed)
  return float32(
    shape,
    Float32Array.from({ length: elementCount(shape) }, () => random.uniform()),
  )
}

const distortions: readonly Distortion[] = [
  scramble(),
  scramble({ grid: 4 }),
  gaussianNoise(0.3),
  greyscale,
  blackAndWhite(),
  blackAndWhite(0.5),
  lowResolution(2),
  contour(),
  falseColour,
  guessedSilhouette,
  highPass(2),
  lowContrast(0.2),
  lowPass(2),
  phaseScrambled(60),
  rotated(180),
  saltAndPepper(0.3),
  uniformNoise(0.4),
]

describe.each(distortions.map(d => [`${d.name} ${JSON.stringify(d.settings)}`, d] as const))('%s', (_, d) => {
  test('keeps shape and range, leaves its input alone, and repeats itself', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 3 }), (seed, n) => {
        const images = randomImages(seed, [n, 3, 8, 12])
        const before = images.data.slice()
        const out = d.apply(images, new Random(seed))
        expect(out.shape).toEqual(images.shape)
        expect(images.data).toEqual(before)
        expect(out.data.every(v => v >= 0 && v <= 1)).toBe(true)
        expect(d.apply(images, new Random(seed)).data).toEqual(out.data)
      }),
      { numRuns: 20 },
    )
  })

  test('does the same to images one by one', () => {
    const images = randomImages(1, [3, 3, 8, 12])
    const random = new Random(2)
    const single = [0, 1, 2].flatMap(i => [...d.apply(rows(images, i, i + 1), random).data])
    expect([...d.apply(images, new Random(2)).data]).toEqual(single)
  })

  test('says which shape it takes', () => {
    expect(() => d.apply(randomImages(0, [1, 1, 8, 8]), new Random(0))).toThrow(
      'a distortion takes images [n, 3, h, w], found [1, 1, 8, 8]',
    )
  })
})

describe('scramble', () => {
  const quarters = float32(
    [1, 3, 2, 2],
    [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3].map(v => v / 4),
  )

  test("is the paper's on a 2x2 grid: places take patches 2, 3, 1, 0", () => {
    expect(paperOrder).toEqual([2, 3, 1, 0])
    const out = scramble().apply(quarters, new Random(0))
    expect([...out.data.subarray(0, 4)].map(v => 4 * v)).toEqual([2, 3, 1, 0])
  })

  test('keeps every patch whole', () => {
    // Pixel (y, x) of a 4x6 image holds 10 y + x; patches are 2x3.
    const plane = Array.from({ length: 24 }, (_, i) => 10 * Math.floor(i / 6) + (i % 6))
    const images = float32(
      [1, 3, 4, 6],
      [...plane, ...plane, ...plane].map(v => v / 100),
    )
    const out = scramble().apply(images, new Random(0))
    expect([...out.data.subarray(0, 24)].map(v => Math.round(100 * v))).toEqual([
      ...[20, 21, 22, 23, 24, 25],
      ...[30, 31, 32, 33, 34, 35],
      ...[3, 4, 5, 0, 1, 2],
      ...[13, 14, 15, 10, 11, 12],
    ])
  })

  test('permutes the values of every channel', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(1, 2, 4), (seed, grid) => {
        const images = randomImages(seed, [2, 3, 8, 12])
        const out = scramble({ grid }).apply(images, new Random(seed))
        for (let plane = 0; plane < 6; plane++) {
          const sorted = ({ data }: FloatTensor) => data.slice(plane * 96, (plane + 1) * 96).sort()
          expect(sorted(out)).toEqual(sorted(images))
        }
      }),
      { numRuns: 20 },
    )
  })

  test('is undone by the inverse order', () => {
    const images = randomImages(3, [2, 3, 8, 12])
    const there = scramble({ order: [2, 3, 1, 0] }).apply(images, new Random(0))
    expect(scramble({ order: [3, 2, 0, 1] }).apply(there, new Random(0)).data).toEqual(images.data)
  })

  test('draws an order per image on larger grids', () => {
    const one = randomImages(0, [1, 3, 8, 8])
    const two = float32([2, 3, 8, 8], [...one.data, ...one.data])
    const out = scramble({ grid: 4 }).apply(two, new Random(0))
    expect(rows(out, 0, 1).data).not.toEqual(rows(out, 1, 2).data)
  })

  test('refuses grids that do not divide and orders that are none', () => {
    expect(() => scramble({ grid: 3 }).apply(randomImages(0, [1, 3, 8, 9]), new Random(0))).toThrow(
      'a 3x3 grid does not divide images of 9x8 pixels',
    )
    expect(() => scramble({ order: [0, 1, 2, 2] })).toThrow('permutation of 0 to 3, found 0, 1, 2, 2')
    expect(() => scramble({ grid: 0 })).toThrow('a grid is an integer of at least 1, found 0')
  })
})

describe('gaussianNoise', () => {
  test('has the standard deviation asked for', () => {
    const grey = float32([1, 3, 64, 64], new Float32Array(3 * 64 * 64).fill(0.5))
    const { data } = gaussianNoise(0.08).apply(grey, new Random(0))
    const mean = data.reduce((a, b) => a + b, 0) / data.length
    const deviation = Math.sqrt(data.reduce((a, b) => a + (b - mean) ** 2, 0) / data.length)
    expect(mean).toBeCloseTo(0.5, 2)
    expect(deviation).toBeGreaterThan(0.078)
    expect(deviation).toBeLessThan(0.082)
  })

  test('is nothing at 0, and refuses less', () => {
    const images = randomImages(0, [1, 3, 4, 4])
    expect(gaussianNoise(0).apply(images, new Random(0)).data).toEqual(images.data)
    expect(() => gaussianNoise(-0.1)).toThrow('sigma must be a number of at least 0, found -0.1')
  })
})

test('greyscale weighs channels by BT.601 and changes no grey', () => {
  const images = float32([1, 3, 1, 4], [1, 0, 0, 0.4, 0, 1, 0, 0.4, 0, 0, 1, 0.4])
  const out = greyscale.apply(images, new Random(0))
  for (const channel of [0, 1, 2]) {
    expectClose(out.data.subarray(4 * channel, 4 * channel + 4), [0.299, 0.587, 0.114, 0.4], {
      absolute: 1e-6,
    })
  }
})

describe('blackAndWhite', () => {
  test('finds the threshold that leaves least variance on its two sides', () => {
    fc.assert(
      fc.property(fc.nat(), seed => {
        const random = new Random(seed)
        const values = Float32Array.from({ length: 60 }, () => {
          const centre = random.uniform() < 0.4 ? 0.25 : 0.7
          return Math.round(255 * Math.max(0, Math.min(1, centre + 0.1 * random.normal()))) / 255
        })
        const within = (level: number) => {
          const sides = [values.filter(v => v > level), values.filter(v => v <= level)]
          return sides.reduce((sum, side) => {
            const mean = side.reduce((a, b) => a + b, 0) / Math.max(1, side.length)
            return sum + side.reduce((a, b) => a + (b - mean) ** 2, 0)
          }, 0)
        }
        const best = Math.min(...Array.from({ length: 255 }, (_, k) => within((k + 0.5) / 255)))
        expect(within(otsuThreshold(values))).toBeCloseTo(best, 6)
      }),
      { numRuns: 20 },
    )
  })

  test('leaves two tones', () => {
    const images = float32([1, 3, 1, 4], [0.1, 0.2, 0.8, 0.9, 0.1, 0.2, 0.8, 0.9, 0.1, 0.2, 0.8, 0.9])
    expect([...blackAndWhite().apply(images, new Random(0)).data.subarray(0, 4)]).toEqual([0, 0, 1, 1])
    expect([...blackAndWhite(0.85).apply(images, new Random(0)).data.subarray(0, 4)]).toEqual([0, 0, 0, 1])
    expect(() => blackAndWhite(2)).toThrow('a threshold lies between 0 and 1, found 2')
  })
})

test('silhouetteImages paint masks white on black', () => {
  const out = silhouetteImages(Uint8Array.from([0, 1, 7, 0]), 1, 2, 2)
  expect(out.shape).toEqual([1, 3, 2, 2])
  expect([...out.data]).toEqual([0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0])
  expect(() => silhouetteImages(new Uint8Array(3), 1, 2, 2)).toThrow('need 4 values, found 3')
})

describe('false colour', () => {
  const pixel = (r: number, g: number, b: number) => [
    ...falseColour.apply(float32([1, 3, 1, 1], [r, g, b]), new Random(0)).data,
  ]
  const luma = ([r = 0, g = 0, b = 0]: readonly number[]) => 0.299 * r + 0.587 * g + 0.114 * b

  test('mirrors a colour at its grey', () => {
    const [r, g, b] = pixel(0.6, 0.5, 0.4)
    const grey = luma([0.6, 0.5, 0.4])
    expect([r, g, b].map(v => v! - grey)).toEqual([
      expect.closeTo(grey - 0.6, 6),
      expect.closeTo(grey - 0.5, 6),
      expect.closeTo(grey - 0.4, 6),
    ])
  })

  test('keeps greys and every luma', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(unit, unit, unit, (r, g, b) => {
        expect(luma(pixel(r, g, b))).toBeCloseTo(luma([r, g, b]), 5)
        expect(pixel(g, g, g)).toEqual([expect.closeTo(g, 5), expect.closeTo(g, 5), expect.closeTo(g, 5)])
      }),
    )
  })

  test('makes red cyan and blue yellow', () => {
    const [red, blue] = [pixel(0.8, 0.2, 0.2), pixel(0.2, 0.2, 0.8)]
    expect(red[0]).toBeLessThan(red[1]!)
    expect(red[1]).toBeCloseTo(red[2]!, 6)
    expect(blue[2]).toBeLessThan(blue[0]!)
  })
})

describe('low resolution', () => {
  test('leaves flat images alone, and nothing finer than its pixels', () => {
    const flat = float32([1, 3, 8, 8], new Float32Array(3 * 64).fill(0.2))
    expectClose(lowResolution(4).apply(flat, new Random(0)).data, flat.data, { absolute: 1e-6 })
    const stripes = float32(
      [1, 3, 8, 8],
      Array.from({ length: 3 * 64 }, (_, i) => i % 2),
    )
    const blurred = lowResolution(4).apply(stripes, new Random(0)).data
    expect(Math.max(...blurred) - Math.min(...blurred)).toBeLessThan(0.1)
    // At a factor of 1 a picture of whole levels stays as it is.
    expectClose(lowResolution(1).apply(stripes, new Random(0)).data, stripes.data, { absolute: 1e-6 })
  })

  test('refuses what is no factor', () => {
    expect(() => lowResolution(0.5)).toThrow('found 0.5')
    expect(() => lowResolution(20).apply(randomImages(0, [1, 3, 8, 8]), new Random(0))).toThrow(
      'nothing is left',
    )
  })
})
