// The proposals of Square Attack: where it starts and what a square of new noise looks like in each norm
// (Andriushchenko et al. 2020, algorithms 2 and 3, appendix B for L2). A perturbation always fills its ball.

import type { Random } from '../tensor/random.ts'
import { clip, type NormName } from './norm.ts'

/** Channels, height and width of an image. */
export type ImageShape = readonly [channels: number, height: number, width: number]

export interface SquareMoves {
  /** Where a search begins. */
  start(original: Float32Array, shape: ImageShape, epsilon: number, random: Random): Float32Array
  /**
   * Changes `image`, the best so far, by another square, whose area is the share `area` of the image.
   * @returns the windows outside which nothing changed
   */
  propose(image: Float32Array, search: SquareSearch, square: SquareSettings): readonly Window[]
}

/** What a proposal needs to know of the search it belongs to. */
export interface SquareSearch {
  readonly original: Float32Array
  /** Squared Euclidean length of the best perturbation so far. */
  readonly spent: number
  /** Where its draws come from. */
  readonly draws: Random
}

export interface SquareSettings {
  readonly shape: ImageShape
  readonly epsilon: number
  readonly area: number
}

/** A square part of an image, all channels. */
export interface Window {
  readonly top: number
  readonly left: number
  readonly side: number
}

/** Copies a window of one image into another. */
export function copyWindow(
  from: Float32Array,
  to: Float32Array,
  [channels, height, width]: ImageShape,
  { top, left, side }: Window,
): void {
  for (let c = 0; c < channels; c++) {
    for (let y = top; y < top + side; y++) {
      const row = (c * height + y) * width + left
      for (let i = row; i < row + side; i++) to[i] = from[i]!
    }
  }
}

/** Vertical stripes, then squares, of one random sign per channel. */
const linf: SquareMoves = {
  start(original, [channels, height, width], epsilon, random) {
    const out = new Float32Array(original.length)
    for (let c = 0; c < channels; c++) {
      for (let x = 0; x < width; x++) {
        const shift = epsilon * sign(random)
        for (let y = 0; y < height; y++) {
          const i = (c * height + y) * width + x
          out[i] = clip(original[i]! + shift)
        }
      }
    }
    return out
  },
  propose(image, { original, draws }, { shape, epsilon, area }) {
    const [channels, height, width] = shape
    const side = Math.min(Math.max(Math.round(Math.sqrt(area * height * width)), 1), height, width)
    const window = place(shape, side, draws)
    for (let c = 0; c < channels; c++) {
      const shift = epsilon * sign(draws)
      for (let y = window.top; y < window.top + side; y++) {
        const row = (c * height + y) * width + window.left
        for (let i = row; i < row + side; i++) {
          // A step of twice the radius, brought back into the ball, ends on the side of the sign.
          const moved = Math.min(
            Math.max(image[i]! + 2 * shift, original[i]! - epsilon),
            original[i]! + epsilon,
          )
          image[i] = clip(moved)
        }
      }
    }
    return [window]
  },
}

/** Bumps of one sign above another's, moved about: what one window gives up, another takes. */
const l2: SquareMoves = {
  start(original, shape, epsilon, random) {
    const [channels, height, width] = shape
    const side = Math.max(Math.floor(height / 5), 1)
    const margin = Math.max(Math.floor((height - side * 5) / 2), 0)
    const delta = new Float32Array(original.length)
    const tiles = (length: number) => Math.floor((length - margin) / side)
    for (let row = 0; row < tiles(height); row++) {
      for (let column = 0; column < tiles(width); column++) {
        const bump = bumpOf(side, random)
        for (let c = 0; c < channels; c++) {
          const s = sign(random)
          let k = 0
          for (let y = 0; y < side; y++) {
            const i = (c * height + margin + row * side + y) * width + margin + column * side
            for (let x = i; x < i + side; x++) delta[x] = s * bump[k++]!
          }
        }
      }
    }
    return onSphere(delta, original, epsilon)
  },
  propose(image, { original, spent, draws }, { shape, epsilon, area }) {
    const [channels, height, width] = shape
    const odd = Math.max(Math.round(Math.sqrt(area * height * width)), 3)
    const side = Math.min(odd % 2 === 0 ? odd + 1 : odd, height, width)
    const [taker, giver] = [place(shape, side, draws), place(shape, side, draws)]
    const bump = bumpOf(side, draws)
    // Each channel keeps what it has in both windows and gets its share of what clipping has cost. So the
    // perturbation ends on the sphere, and what is outside the windows need not be scaled.
    const spare = Math.max(epsilon * epsilon - spent, 0) / channels
    const fresh = new Float64Array(side * side)
    for (let c = 0; c < channels; c++) {
      const s = sign(draws)
      const rowAt = (window: Window, y: number) => (c * height + window.top + y) * width + window.left
      let own = 0
      for (let y = 0; y < side; y++) {
        const row = rowAt(taker, y)
        for (let i = row; i < row + side; i++) own += squared(image[i]! - original[i]!)
      }
      const scale = 1 / (1e-12 + Math.sqrt(own))
      let [k, length] = [0, 0]
      for (let y = 0; y < side; y++) {
        const row = rowAt(taker, y)
        for (let i = row; i < row + side; i++, k++) {
          const value = s * bump[k]! + (image[i]! - original[i]!) * scale
          fresh[k] = value
          length += squared(value)
        }
      }
      let given = 0
      for (let y = 0; y < side; y++) {
        const row = rowAt(giver, y)
        const inRows = inside(giver.top + y, taker.top, side)
        for (let x = 0; x < side; x++) {
          if (inRows && inside(giver.left + x, taker.left, side)) continue
          given += squared(image[row + x]! - original[row + x]!)
          image[row + x] = original[row + x]!
        }
      }
      const budget = Math.sqrt(spare + own + given) / (1e-12 + Math.sqrt(length))
      k = 0
      for (let y = 0; y < side; y++) {
        const row = rowAt(taker, y)
        for (let i = row; i < row + side; i++) image[i] = clip(original[i]! + fresh[k++]! * budget)
      }
    }
    return [taker, giver]
  },
}

/** The proposals by norm. */
export const squareMoves: Readonly<Record<NormName, SquareMoves>> = { L2: l2, Linf: linf }

/**
 * Anywhere but at the bottom and right edge, as in the authors' code: with the edge, the L2 attack is measurably weaker
 * (docs/benchmarks.md).
 */
function place([, height, width]: ImageShape, side: number, random: Random): Window {
  const before = (length: number) => random.integer(Math.max(length - side, 1))
  return { top: before(height), left: before(width), side }
}

const inside = (at: number, from: number, side: number) => at >= from && at < from + side

const squared = (value: number) => value * value

const sign = (random: Random) => (random.uint32() < 2 ** 31 ? -1 : 1)

/** The perturbation brought to length epsilon, added and clipped to [0, 1]. */
function onSphere(delta: Float32Array, original: Float32Array, epsilon: number): Float32Array {
  let square = 0
  for (let i = 0; i < delta.length; i++) square += delta[i]! * delta[i]!
  const scale = epsilon / (Math.sqrt(square) + 1e-12)
  for (let i = 0; i < delta.length; i++) delta[i] = clip(original[i]! + scale * delta[i]!)
  return delta
}

const bumps = new Map<number, readonly [upright: Float32Array, lying: Float32Array]>()

/** A bump above a negative one, of length 1, or the same lying on its side (appendix B's eta). */
function bumpOf(side: number, random: Random): Float32Array {
  let both = bumps.get(side)
  if (both === undefined) {
    const half = Math.floor(side / 2)
    const upright = new Float32Array(side * side)
    upright.set(pyramid(half, side), 0)
    upright.set(
      pyramid(side - half, side).map(v => -v),
      half * side,
    )
    const length = Math.hypot(...upright)
    for (let i = 0; i < upright.length; i++) upright[i]! /= length
    both = [upright, upright.map((_, i) => upright[(i % side) * side + Math.floor(i / side)]!)]
    bumps.set(side, both)
  }
  return both[random.uniform() <= 0.5 ? 0 : 1]
}

/** Rectangles growing from the middle, each weighing 1 / r^2, of length 1 together. */
function pyramid(height: number, width: number): Float32Array {
  const out = new Float32Array(height * width)
  let [top, left] = [Math.floor(height / 2), Math.floor(width / 2)]
  const count = Math.max(Math.floor(height / 2), Math.floor(width / 2)) + 1
  for (let r = 0; r < count; r++, top--, left--) {
    const side = 2 * r + 1
    for (let y = Math.max(top, 0); y < Math.min(top + side, height); y++)
      for (let x = Math.max(left, 0); x < Math.min(left + side, width); x++)
        out[y * width + x]! += 1 / (r + 1) ** 2
  }
  const length = Math.hypot(...out) || 1
  return out.map(v => v / length)
}
