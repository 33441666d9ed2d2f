// Puts one image together: a figure (silhouette, blob or the whole canvas) in a colour and a texture, on a
// background of another lightness. The ranges are the settings at which the data set was tuned; the amplitude of
// the texture moves every absolute shape bias, so only differences between networks mean something.

import type { Random } from '../../tensor/random.ts'
import { colourName, drawColour, drawColourName, luma, preferredHues, type Rgb } from './colours.ts'
import { figureSize, outlineSize } from './outline.ts'
import { texture } from './textures.ts'

/** What is to be seen. */
export interface Scene {
  readonly figure:
    | { readonly kind: 'outline'; readonly outline: Uint8Array }
    | { readonly kind: 'blob' }
    | { readonly kind: 'canvas' }
  /** Index of the texture family; -1 for a flat fill. */
  readonly texture: number
  /** Category whose preferred hues the figure wears half of the time; otherwise any colour. */
  readonly hueOf?: number
}

/** One finished image. */
export interface Picture {
  /** uint8 `[3, size, size]` */
  readonly pixels: Uint8Array
  /** `[size, size]`, 1 where the figure covers more than half of the pixel */
  readonly figure: Uint8Array
  /** Colour name of figure and background, as seen. */
  readonly figureColour: number
  readonly backgroundColour: number
}

const area = [0.22, 0.42] as const
const rotation = (15 * Math.PI) / 180
const amplitude = [0.06, 0.14] as const
const lumaDifference = [0.25, 0.55] as const
const rampSlope = 0.06
const pixelNoise = 0.02
const saturatedFigures = 0.8
const saturatedBackgrounds = 0.15
const preferred = 0.5

/** Draws everything that the scene leaves open and paints it, `size` x `size`. */
export function compose(scene: Scene, size: number, random: Random): Picture {
  const coverage = figureCoverage(scene.figure, size, random)
  const relief = scene.texture >= 0 ? texture(scene.texture, size, random) : undefined
  const strength = relief === undefined ? 0 : random.uniform(...amplitude)
  const figureColour =
    scene.hueOf !== undefined && random.uniform() < preferred
      ? preferredHues(scene.hueOf)[random.integer(2)]!
      : drawColourName(random, saturatedFigures)
  const front = drawColour(random, figureColour)
  const back = backgroundFor(front, random)
  const direction = textureDirection(random)
  const [slopeX, slopeY] = [random.uniform(-rampSlope, rampSlope), random.uniform(-rampSlope, rampSlope)]
  const pixels = new Uint8Array(3 * size * size)
  const at = (i: number) => (2 * i) / (size - 1) - 1
  for (let channel = 0; channel < 3; channel++) {
    const step = strength * direction[channel]!
    const plain = front[channel]!
    const ground = back[channel]!
    for (let y = 0, i = 0; y < size; y++) {
      for (let x = 0; x < size; x++, i++) {
        const inside = relief === undefined ? plain : plain + step * relief[i]!
        const outside = ground + slopeX * at(x) + slopeY * at(y)
        const share = coverage[i]!
        const value = inside * share + outside * (1 - share) + pixelNoise * random.normal()
        pixels[channel * size * size + i] = Math.round(255 * Math.max(0, Math.min(1, value)))
      }
    }
  }
  return {
    pixels,
    figure: Uint8Array.from(coverage, share => (share > 0.5 ? 1 : 0)),
    figureColour,
    backgroundColour: colourName(back),
  }
}

/** A background of any colour, moved along the grey axis until its lightness differs enough. */
function backgroundFor(front: Rgb, random: Random): Rgb {
  const colour = drawColour(random, drawColourName(random, saturatedBackgrounds))
  const lightness = luma(front)
  const middling = lightness > 0.35 && lightness < 0.65
  const sign = (lightness > 0.5 ? -1 : 1) * (middling && random.uniform() < 0.5 ? -1 : 1)
  const shift = lightness + sign * random.uniform(...lumaDifference) - luma(colour)
  const moved = (value: number) => Math.max(0.02, Math.min(0.98, value + shift))
  return [moved(colour[0]), moved(colour[1]), moved(colour[2])]
}

/** The colour axis along which a texture varies: mostly lightness, of unit root mean square. */
function textureDirection(random: Random): Rgb {
  const sign = random.uniform() < 0.5 ? -1 : 1
  const [r, g, b] = [
    sign + 0.35 * random.normal(),
    sign + 0.35 * random.normal(),
    sign + 0.35 * random.normal(),
  ]
  const scale = 1 / Math.sqrt((r * r + g * g + b * b) / 3)
  return [r * scale, g * scale, b * scale]
}

/** How much of each pixel the figure covers, `[size, size]` in [0, 1]. */
function figureCoverage(figure: Scene['figure'], size: number, random: Random): Float32Array {
  if (figure.kind === 'canvas') return new Float32Array(size * size).fill(1)
  return figure.kind === 'blob' ? blob(size, random) : placed(figure.outline, size, random)
}

/** The outline at a random size, angle, mirroring and place, sampled at twice the size. */
function placed(outline: Uint8Array, size: number, random: Random): Float32Array {
  let solid = 0
  for (const value of outline) if (value > 127) solid++
  const share = (solid / outline.length) * (outlineSize / figureSize) ** 2
  const side = Math.min(0.97, Math.sqrt(random.uniform(...area) / share)) * random.uniform(0.93, 1)
  // From here on lengths are in half images: the image is [-1, 1], and so is the outline's own square.
  const zoom = figureSize / outlineSize / side
  const angle = random.uniform(-rotation, rotation)
  const mirror = random.uniform() < 0.5 ? 1 : -1
  const play = Math.max(0.04, (1 - side) * zoom)
  const [shiftX, shiftY] = [random.uniform(-play, play), random.uniform(-play, play)]
  const [cos, sin] = [zoom * Math.cos(angle), zoom * Math.sin(angle)]
  const out = new Float32Array(size * size)
  const samples = 2 * size
  for (let j = 0; j < samples; j++) {
    const y = (2 * j + 1) / samples - 1
    for (let i = 0; i < samples; i++) {
      const x = (2 * i + 1) / samples - 1
      const sourceX = mirror * (cos * x - sin * y + shiftX)
      const sourceY = sin * x + cos * y + shiftY
      out[(j >> 1) * size + (i >> 1)]! += bilinear(
        outline,
        ((sourceX + 1) * outlineSize - 1) / 2,
        ((sourceY + 1) * outlineSize - 1) / 2,
      )
    }
  }
  return out.map(sum => sum / (4 * 255))
}

/** The outline's value between its pixels; 0 outside. */
function bilinear(outline: Uint8Array, x: number, y: number): number {
  const x0 = Math.floor(x)
  const y0 = Math.floor(y)
  // The outermost pixels of an outline are empty.
  if (x0 < 0 || y0 < 0 || x0 >= outlineSize - 1 || y0 >= outlineSize - 1) return 0
  const fx = x - x0
  const fy = y - y0
  const i = y0 * outlineSize + x0
  const above = outline[i]! * (1 - fx) + outline[i + 1]! * fx
  const below = outline[i + outlineSize]! * (1 - fx) + outline[i + outlineSize + 1]! * fx
  return above * (1 - fy) + below * fy
}

/** A smooth random patch near the middle, without a shape of its own. */
function blob(size: number, random: Random): Float32Array {
  const knots = 5
  const heights = Float64Array.from({ length: knots * knots }, () => random.normal())
  const weights = cubicWeights(knots, size)
  const surface = new Float32Array(size * size)
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let height = 0
      for (const [j, wy] of weights[y]!) {
        for (const [i, wx] of weights[x]!) height += wx * wy * heights[j * knots + i]!
      }
      const [u, v] = [(2 * x) / (size - 1) - 1, (2 * y) / (size - 1) - 1]
      surface[y * size + x] = 0.5 * height - 1.2 * (u * u + v * v)
    }
  }
  const sorted = surface.toSorted()
  const level = sorted[Math.floor((1 - random.uniform(...area)) * (sorted.length - 1))]!
  return surface.map(height => 1 / (1 + Math.exp(-40 * (height - level))))
}

/** Cubic convolution (Keys, a = -0.75) from `from` to `to` samples, borders repeated. */
function cubicWeights(from: number, to: number): [index: number, weight: number][][] {
  const a = -0.75
  const kernel = (t: number) =>
    t <= 1 ? (a + 2) * t ** 3 - (a + 3) * t ** 2 + 1 : a * (t ** 3 - 5 * t ** 2 + 8 * t - 4)
  return Array.from({ length: to }, (_, i) => {
    const centre = ((i + 0.5) * from) / to - 0.5
    const first = Math.floor(centre) - 1
    return [0, 1, 2, 3].map((k): [number, number] => [
      Math.max(0, Math.min(from - 1, first + k)),
      kernel(Math.abs(centre - first - k)),
    ])
  })
}
