import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { categories } from '../../../../src/data/emoji16/categories.ts'
import {
  colourName,
  colourNames,
  drawColour,
  drawColourName,
  luma,
  preferredHues,
  type Rgb,
} from '../../../../src/data/emoji16/colours.ts'
import { compose, type Picture, type Scene } from '../../../../src/data/emoji16/compose.ts'
import { bandNoise } from '../../../../src/data/emoji16/noise.ts'
import { figureSize, outline, outlineSize } from '../../../../src/data/emoji16/outline.ts'
import { cuesOf } from '../../../../src/data/emoji16/splits.ts'
import { firstNovelTexture, texture, textureNames } from '../../../../src/data/emoji16/textures.ts'
import { sixteenCategories } from '../../../../src/data/imagenet.ts'
import { Random } from '../../../../src/tensor/random.ts'

test('categories are the sixteen of Geirhos et al.', () => expect(categories).toEqual(sixteenCategories))

describe('outline', () => {
  const icon = (inside: (x: number, y: number) => boolean) =>
    Uint8Array.from({ length: outlineSize ** 2 }, (_, i) =>
      inside(i % outlineSize, Math.floor(i / outlineSize)) ? 255 : 0,
    )
  const at = (pixels: Uint8Array, x: number, y: number) => pixels[y * outlineSize + x]!
  const ring = icon((x, y) => Math.abs(Math.hypot(x - 40, y - 40) - 20) < 4)

  test('is centred, and its longer side fills 112 pixels', () => {
    const bar = outline(
      icon((x, y) => x >= 10 && x < 30 && y >= 70 && y < 80),
      true,
    )!
    const on = [...bar.keys()].filter(i => bar[i]! > 127)
    const xs = on.map(i => i % outlineSize)
    const ys = on.map(i => Math.floor(i / outlineSize))
    expect([Math.min(...xs), Math.max(...xs)]).toEqual([8, 119])
    expect(Math.max(...ys) - Math.min(...ys) + 1).toBe(figureSize / 2)
    expect((Math.min(...ys) + Math.max(...ys)) / 2).toBeCloseTo(63.5, 0)
  })

  test('fills holes unless told not to', () => {
    expect(at(outline(ring, true)!, 64, 64)).toBe(255)
    expect(at(outline(ring, false)!, 64, 64)).toBe(0)
  })

  test('fills an interior behind a gap of two pixels, not behind a wide one', () => {
    const gap = (width: number) =>
      icon((x, y) => at(ring, x, y) > 0 && !(x > 40 && y >= 40 && y < 40 + width))
    expect(at(outline(gap(2), true)!, 64, 64)).toBe(255)
    expect(at(outline(gap(12), true)!, 64, 64)).toBe(0)
  })

  test('drops what has no shape', () => {
    expect(
      outline(
        icon(() => true),
        true,
      ),
    ).toBeUndefined()
    expect(
      outline(
        icon(() => false),
        true,
      ),
    ).toBeUndefined()
  })
})

describe('colours', () => {
  test('are called what they were drawn as', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: colourNames.length - 1 }), (seed, name) => {
        expect(colourName(drawColour(new Random(seed), name))).toBe(name)
      }),
      { numRuns: 500 },
    )
  })

  test('pure ones have their usual names', () => {
    const pure: [Rgb, string][] = [
      [[1, 0, 0], 'red'],
      [[1, 0.5, 0], 'orange'],
      [[1, 1, 0], 'yellow'],
      [[0, 1, 0], 'green'],
      [[0, 1, 1], 'cyan'],
      [[0, 0, 1], 'blue'],
      [[1, 0, 0.6], 'pink'],
      [[0, 0, 0], 'black'],
      [[0.5, 0.5, 0.5], 'grey'],
      [[1, 1, 1], 'white'],
    ]
    for (const [colour, name] of pure) expect(colourNames[colourName(colour)]).toBe(name)
  })

  test('are hues as often as asked', () => {
    const random = new Random(0)
    const hues = Array.from({ length: 4000 }, () => drawColourName(random, 0.8)).filter(name => name < 8)
    expect(hues.length / 4000).toBeCloseTo(0.8, 1)
    expect(new Set(hues).size).toBe(8)
  })

  test('each category prefers two hues, and every hue is preferred by four categories', () => {
    const all = categories.flatMap((_, i) => [...new Set(preferredHues(i))])
    expect(all.every(hue => hue >= 0 && hue < 8)).toBe(true)
    const counts = Array.from({ length: 8 }, (_, hue) => all.filter(h => h === hue).length)
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2)
  })
})

describe('bandNoise', () => {
  test('has unit variance and only the wavelengths asked for', () => {
    const side = 64
    const field = bandNoise(new Random(1), side, 32, 4, 8)
    const power = (kx: number, ky: number) => {
      let [re, im] = [0, 0]
      for (let y = 0; y < side; y++) {
        for (let x = 0; x < side; x++) {
          const angle = (2 * Math.PI * (kx * x + ky * y)) / side
          re += field[y * side + x]! * Math.cos(angle)
          im += field[y * side + x]! * Math.sin(angle)
        }
      }
      return (re * re + im * im) / side ** 4
    }
    // Extent 32 and wavelengths 4 to 8: 4 to 8 cycles across.
    for (const [kx, ky] of [
      [0, 0],
      [3, 0],
      [2, 3],
      [9, 0],
      [6, 6],
      [0, 12],
    ] as const) {
      expect(power(kx, ky)).toBeLessThan(1e-20)
    }
    expect(power(5, 0) + power(0, 6) + power(4, 4) + power(5, 2)).toBeGreaterThan(1e-4)
    expect(field.reduce((a, b) => a + b * b, 0) / field.length).toBeCloseTo(1, 10)
  })
})

describe('textures', () => {
  test.each(textureNames.map((name, i) => [name, i] as const))(
    '%s has mean 0 and variance 1',
    (_, family) => {
      const tile = texture(family, 32, new Random(family))
      const mean = tile.reduce((a, b) => a + b, 0) / tile.length
      expect(tile).toHaveLength(32 * 32)
      expect(mean).toBeCloseTo(0, 5)
      expect(tile.reduce((a, b) => a + b * b, 0) / tile.length).toBeCloseTo(1, 4)
      expect(texture(family, 32, new Random(family))).toEqual(tile)
      expect(texture(family, 32, new Random(family + 1))).not.toEqual(tile)
    },
  )

  test('look the same at twice the size', () => {
    const [small, large] = [texture(2, 32, new Random(4)), texture(2, 64, new Random(4))]
    const halved = small.map((_, i) => {
      const [x, y] = [2 * (i % 32), 2 * Math.floor(i / 32)]
      return (
        (large[y * 64 + x]! + large[y * 64 + x + 1]! + large[y * 64 + 64 + x]! + large[y * 64 + 65 + x]!) / 4
      )
    })
    const correlation = small.reduce((sum, v, i) => sum + v * halved[i]!, 0) / small.length
    expect(correlation).toBeGreaterThan(0.8) // samples lie at the corners of pixels, a quarter of a pixel apart
  })

  test('are 24 different ones', () => {
    expect(new Set(textureNames).size).toBe(24)
    expect(firstNovelTexture).toBe(16)
  })
})

describe('compose', () => {
  const disc = Uint8Array.from({ length: outlineSize ** 2 }, (_, i) =>
    Math.hypot((i % outlineSize) - 63.5, Math.floor(i / outlineSize) - 63.5) < figureSize / 2 ? 255 : 0,
  )
  const size = 32
  const scene: Scene = { figure: { kind: 'outline', outline: disc }, texture: 0 }
  const flat: Scene = { ...scene, texture: -1 }
  const pictures = (of: Scene, count = 40): Picture[] => {
    const random = new Random(7)
    return Array.from({ length: count }, () => compose(of, size, random))
  }
  const lumaAt = ({ pixels }: Picture, i: number) =>
    luma([pixels[i]! / 255, pixels[i + size * size]! / 255, pixels[i + 2 * size * size]! / 255])
  const statistics = (picture: Picture, inside: 0 | 1) => {
    // Pixels at the border of the figure are mixed: keep to those whose neighbours are on the same side.
    const { figure } = picture
    const own = [...figure.keys()].filter(i => [0, 1, -1, size, -size].every(d => figure[i + d] === inside))
    const values = own.map(i => lumaAt(picture, i))
    const mean = values.reduce((a, b) => a + b, 0) / values.length
    return { mean, deviation: Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length) }
  }

  test('gives a figure of .19 to .42 of the area', () => {
    for (const { figure } of pictures(scene)) {
      const share = figure.reduce((a, b) => a + b, 0) / figure.length
      expect(share).toBeGreaterThan(0.18)
      expect(share).toBeLessThan(0.43)
    }
  })

  test('puts figure and ground .25 to .55 of lightness apart', () => {
    for (const picture of pictures(flat)) {
      const gap = Math.abs(statistics(picture, 1).mean - statistics(picture, 0).mean)
      expect(gap).toBeGreaterThan(0.2)
      expect(gap).toBeLessThan(0.57)
    }
  })

  test('textures have amplitudes of .06 to .14, a flat fill only the noise of .02', () => {
    const deviations = pictures(scene).map(picture => statistics(picture, 1).deviation)
    expect(deviations.reduce((a, b) => a + b, 0) / deviations.length).toBeCloseTo(0.1, 1)
    for (const deviation of deviations) {
      expect(deviation).toBeGreaterThan(0.02) // clipping, and a colour axis that is not quite that of lightness
      expect(deviation).toBeLessThan(0.17)
    }
    for (const picture of pictures(flat)) {
      // Luma of noise of .02 in three channels: .02 x sqrt(.299^2 + .587^2 + .114^2) = .0134
      expect(statistics(picture, 1).deviation).toBeLessThan(0.016)
    }
  })

  test('colours the figure in its preferred hues half of the time when asked', () => {
    const preferred = (pictures: Picture[]) =>
      pictures.filter(p => preferredHues(5).includes(p.figureColour)).length / pictures.length
    // Half of them on purpose, and a fifth of the rest by chance. Standard error: .03.
    expect(Math.abs(preferred(pictures({ ...flat, hueOf: 5 }, 300)) - 0.6)).toBeLessThan(0.1)
    expect(Math.abs(preferred(pictures(flat, 300)) - 0.2)).toBeLessThan(0.1)
  })

  test('names the background as it is seen', () => {
    for (const picture of pictures(flat)) {
      const ground = [...picture.figure.keys()].filter(i => picture.figure[i] === 0)
      const mean = (channel: number) =>
        ground.reduce((sum, i) => sum + picture.pixels[i + channel * size * size]! / 255, 0) / ground.length
      const seen = colourName([mean(0), mean(1), mean(2)])
      const [name, grey] = [picture.backgroundColour, (n: number) => n >= 8]
      // Right at a border between names the ramp and mixed pixels may decide.
      expect(grey(seen)).toBe(grey(name))
    }
  })

  test('fills canvases, and makes blobs of the usual area', () => {
    for (const { figure } of pictures({ figure: { kind: 'canvas' }, texture: 3 }, 3)) {
      expect(figure.every(v => v === 1)).toBe(true)
    }
    for (const { figure } of pictures({ figure: { kind: 'blob' }, texture: 3 })) {
      const share = figure.reduce((a, b) => a + b, 0) / figure.length
      expect(share).toBeGreaterThan(0.2)
      expect(share).toBeLessThan(0.44)
    }
  })

  test('gives the same bytes for the same seed', () => {
    expect(compose(scene, size, new Random(3))).toEqual(compose(scene, size, new Random(3)))
    expect(compose(scene, size, new Random(3)).pixels).not.toEqual(compose(scene, size, new Random(4)).pixels)
  })
})

describe('splits', () => {
  const all = [...categories.keys()]
  const cues = (split: Parameters<typeof cuesOf>[0]) => cuesOf(split, all, new Random(0))
  const tally = (values: readonly (number | string)[]) =>
    Object.values(
      values.reduce<Record<string, number>>((counts, value) => {
        counts[value] = (counts[value] ?? 0) + 1
        return counts
      }, {}),
    )

  test('training: 8,192 images, 512 of each category, in its own texture and hue, shuffled', () => {
    const train = cues('train')
    expect(tally(train.map(cue => cue.label))).toEqual(new Array(16).fill(512))
    expect(train.every(cue => cue.shape === cue.texture && cue.coloured)).toBe(true)
    expect(train.slice(0, 16).map(cue => cue.label)).not.toEqual(all)
  })

  test('cue conflict: each of the 240 pairs eight times, in any colour', () => {
    const conflict = cues('cue-conflict')
    expect(conflict.every(cue => cue.shape !== cue.texture && !cue.coloured)).toBe(true)
    const pairs = tally(conflict.map(cue => `${cue.shape} ${cue.texture}`))
    expect(pairs).toEqual(new Array(240).fill(8))
  })

  test('the others show the cue they are named after, alike often', () => {
    expect(cues('shape-only').every(cue => cue.texture === -1 && cue.shape === cue.label)).toBe(true)
    expect(cues('texture-only').every(cue => cue.shape === -1 && cue.figure === 'canvas')).toBe(true)
    expect(cues('texture-blob').every(cue => cue.texture === cue.label && cue.figure === 'blob')).toBe(true)
    const novel = cues('novel-texture')
    expect(novel.every(cue => cue.texture >= firstNovelTexture && cue.label === cue.shape)).toBe(true)
    expect(tally(novel.map(cue => `${cue.shape} ${cue.texture}`))).toEqual(new Array(128).fill(10))
    expect(tally(cues('dissection').map(cue => cue.figure))).toEqual([1200, 480, 160])
  })
})
