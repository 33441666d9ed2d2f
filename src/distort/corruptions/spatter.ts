// Splashes of water or mud on the lens.

import type { Pixels } from '../../image/pixels.ts'
import { type Draws, rgbLike, type Severity, toByte, unitOf } from '../corruption.ts'
import { gaussianFilter } from '../gaussian-filter.ts'
import { waterRelief } from '../relief.ts'

interface SpatterSettings {
  /** Mean, standard deviation and smoothing of the noise that splashes are cut from, and the level above which. */
  readonly mean: number
  readonly sigma: number
  readonly smooth: number
  readonly threshold: number
  /** How strong water is; or how soft the edges of mud are. */
  readonly strength: number
  readonly liquid: 'water' | 'mud'
}

const settings: readonly SpatterSettings[] = [
  { mean: 0.65, sigma: 0.3, smooth: 4, threshold: 0.69, strength: 0.6, liquid: 'water' },
  { mean: 0.65, sigma: 0.3, smooth: 3, threshold: 0.68, strength: 0.6, liquid: 'water' },
  { mean: 0.65, sigma: 0.3, smooth: 2, threshold: 0.68, strength: 0.5, liquid: 'water' },
  { mean: 0.65, sigma: 0.3, smooth: 1, threshold: 0.65, strength: 1.5, liquid: 'mud' },
  { mean: 0.67, sigma: 0.4, smooth: 1, threshold: 0.65, strength: 1.5, liquid: 'mud' },
]

const waterColour = [175 / 255, 238 / 255, 238 / 255] as const
const mudColour = [63 / 255, 42 / 255, 20 / 255] as const

/** ImageNet-C's `spatter`. */
export function spatter(image: Pixels, severity: Severity, draws: Draws): Pixels {
  const { mean, sigma, smooth, threshold, strength, liquid } = settings[severity - 1]!
  const { width, height } = image
  const noise = new Float64Array(width * height)
  for (let i = 0; i < noise.length; i++) noise[i] = mean + sigma * draws.normal()
  const layer = gaussianFilter({ data: noise, width, height, channels: 1 }, smooth).data
  return liquid === 'water'
    ? watered(image, layer, threshold, strength)
    : muddied(image, layer, threshold, strength)
}

/** Adds water, brightest where its surface is steep. */
function watered(image: Pixels, layer: Float64Array, threshold: number, strength: number): Pixels {
  const { width, height, data } = image
  const depth = new Uint8Array(layer.length)
  for (let i = 0; i < depth.length; i++) depth[i] = layer[i]! < threshold ? 0 : layer[i]! * 255
  const relief = waterRelief(depth, width, height)
  const product = new Float32Array(relief.length)
  let most = 0
  for (let i = 0; i < product.length; i++) {
    product[i] = depth[i]! * relief[i]!
    most = Math.max(most, product[i]!)
  }
  // No splash fell on this image.
  if (most === 0) return rgbLike(image, data.slice())
  const out = new Uint8Array(data.length)
  for (let i = 0, at = 0; i < product.length; i++) {
    const amount = Math.fround(Math.fround(product[i]! / most) * strength)
    for (let channel = 0; channel < 3; channel++, at++) {
      const level = data[at]!
      out[at] = amount === 0 ? dry[level]! : wet(level, amount * waterColour[channel]!)
    }
  }
  return rgbLike(image, out)
}

/** A level with so much light added, by way of single precision. */
function wet(level: number, added: number): number {
  return Math.fround(Math.min(1, Math.fround(Math.fround(unitOf[level]!) + added)) * 255)
}

/** What that leaves of every level where there is no water. */
const dry: Uint8Array = Uint8Array.from({ length: 256 }, (_, level) => wet(level, 0))

/** Covers the picture with mud whose edges are soft. */
function muddied(image: Pixels, layer: Float64Array, threshold: number, softness: number): Pixels {
  const { width, height, data } = image
  const splashes = layer.map(value => (value > threshold ? 1 : 0))
  const soft = gaussianFilter({ data: splashes, width, height, channels: 1 }, softness).data
  const out = new Uint8Array(data.length)
  for (let i = 0, at = 0; i < soft.length; i++) {
    const cover = soft[i]! < 0.8 ? 0 : Math.fround(soft[i]!)
    for (let channel = 0; channel < 3; channel++, at++) {
      const level = data[at]!
      out[at] = cover === 0 ? clear[level]! : covered(level, cover, mudColour[channel]!)
    }
  }
  return rgbLike(image, out)
}

/** A level behind so much mud. */
function covered(level: number, cover: number, mud: number): number {
  const rest = Math.fround(1 - cover)
  return toByte(Math.fround(Math.fround(unitOf[level]!) * rest) + mud * cover)
}

/** What that leaves of every level where there is no mud. */
const clear: Uint8Array = Uint8Array.from({ length: 256 }, (_, level) => covered(level, 0, 0))
