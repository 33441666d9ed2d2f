// The proposals of Square Attack: where it starts and what a square of new noise looks like in each norm
// (Andriushchenko et al. 2020, algorithms 2 and 3, appendix B for L2). A perturbation always fills its ball.

import type { Random } from '../tensor/random.ts'
import { clip, type NormName } from './norm.ts'

/** Channels, height and width of an image. */
export type ImageShape = readonly [channels: number, height: number, width: number]

export interface SquareMoves {
  start(original: Float32Array, shape: ImageShape, epsilon: number, random: Random): Float32Array
  /** `best` with another square whose area is the share `area` of the image. */
  move(
    best: Float32Array,
    original: Float32Array,
    shape: ImageShape,
    epsilon: number,
    area: number,
    random: Random,
  ): Float32Array
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
  move(best, original, shape, epsilon, area, random) {
    const [channels, height, width] = shape
    const side = Math.min(Math.max(Math.round(Math.sqrt(area * height * width)), 1), height, width)
    const corner = place(shape, side, random)
    const out = best.slice()
    for (let c = 0; c < channels; c++) {
      const shift = epsilon * sign(random)
      for (const i of windowRows(shape, c, corner, side)) {
        for (let k = i; k < i + side; k++) {
          // A step of twice the radius, brought back into the ball, ends on the side of the sign.
          const moved = Math.min(
            Math.max(best[k]! + 2 * shift, original[k]! - epsilon),
            original[k]! + epsilon,
          )
          out[k] = clip(moved)
        }
      }
    }
    return out
  },
}

/** Bumps of one sign above another's, moved about: what one window gives up, another takes. */
const l2: SquareMoves = {
  start(original, shape, epsilon, random) {
    const [channels, height, width] = shape
    const side = Math.max(Math.floor(height / 5), 1)
    const margin = Math.floor((height - side * 5) / 2)
    const delta = new Float32Array(original.length)
    const tiles = (length: number) => Math.floor((length - Math.max(margin, 0)) / side)
    for (let row = 0; row < tiles(height); row++) {
      for (let column = 0; column < tiles(width); column++) {
        const bump = bumpOf(side, random)
        const corner = { top: margin + row * side, left: margin + column * side }
        for (let c = 0; c < channels; c++) {
          const s = sign(random)
          let k = 0
          for (const i of windowRows(shape, c, corner, side))
            for (let x = 0; x < side; x++) delta[i + x]! += s * bump[k++]!
        }
      }
    }
    return onSphere(delta, original, epsilon)
  },
  move(best, original, shape, epsilon, area, random) {
    const [channels, height, width] = shape
    const odd = Math.max(Math.round(Math.sqrt(area * height * width)), 3)
    const side = Math.min(odd % 2 === 0 ? odd + 1 : odd, height, width)
    const [taker, giver] = [place(shape, side, random), place(shape, side, random)]
    const bump = bumpOf(side, random)
    const delta = best.map((value, i) => value - original[i]!)
    let total = 0
    for (const value of delta) total += value * value
    const spare = Math.max(epsilon * epsilon - total, 0) / channels
    const fresh = new Float32Array(side * side)
    for (let c = 0; c < channels; c++) {
      const s = sign(random)
      let own = 0
      for (const i of windowRows(shape, c, taker, side))
        for (let x = i; x < i + side; x++) own += delta[x]! ** 2
      // What the giver holds outside the taker's window.
      let given = 0
      for (const [y, i] of [...windowRows(shape, c, giver, side)].entries()) {
        const inRows = giver.top + y >= taker.top && giver.top + y < taker.top + side
        for (let x = 0; x < side; x++) {
          const column = giver.left + x
          if (!(inRows && column >= taker.left && column < taker.left + side)) given += delta[i + x]! ** 2
        }
      }
      const scale = 1 / (1e-12 + Math.sqrt(own))
      let [k, square] = [0, 0]
      for (const i of windowRows(shape, c, taker, side)) {
        for (let x = i; x < i + side; x++, k++) {
          fresh[k] = s * bump[k]! + delta[x]! * scale
          square += fresh[k]! ** 2
        }
      }
      const budget = Math.sqrt(spare + own + given) / (1e-12 + Math.sqrt(square))
      for (const i of windowRows(shape, c, giver, side)) delta.fill(0, i, i + side)
      k = 0
      for (const i of windowRows(shape, c, taker, side))
        for (let x = i; x < i + side; x++) delta[x] = fresh[k++]! * budget
    }
    return onSphere(delta, original, epsilon)
  },
}

/** The proposals by norm. */
export const squareMoves: Readonly<Record<NormName, SquareMoves>> = { L2: l2, Linf: linf }

interface Corner {
  readonly top: number
  readonly left: number
}

function place([, height, width]: ImageShape, side: number, random: Random): Corner {
  return { top: random.integer(height - side + 1), left: random.integer(width - side + 1) }
}

/** Where each row of a window of one channel begins. */
function* windowRows(
  [, height, width]: ImageShape,
  channel: number,
  { top, left }: Corner,
  side: number,
): Generator<number> {
  for (let y = top; y < top + side; y++) yield (channel * height + y) * width + left
}

const sign = (random: Random) => (random.uint32() < 2 ** 31 ? -1 : 1)

/** The perturbation brought to length epsilon, added and clipped to [0, 1]. */
function onSphere(delta: Float32Array, original: Float32Array, epsilon: number): Float32Array {
  let square = 0
  for (let i = 0; i < delta.length; i++) square += delta[i]! * delta[i]!
  const scale = epsilon / (Math.sqrt(square) + 1e-12)
  for (let i = 0; i < delta.length; i++) delta[i] = clip(original[i]! + scale * delta[i]!)
  return delta
}

const bumps = new Map<number, Float32Array>()

/** A bump above a negative one, of length 1, or the same lying on its side (appendix B's eta). */
function bumpOf(side: number, random: Random): Float32Array {
  let upright = bumps.get(side)
  if (upright === undefined) {
    const half = Math.floor(side / 2)
    upright = new Float32Array(side * side)
    upright.set(pyramid(half, side), 0)
    upright.set(
      pyramid(side - half, side).map(v => -v),
      half * side,
    )
    const length = Math.hypot(...upright)
    upright = upright.map(v => v / length)
    bumps.set(side, upright)
  }
  if (random.uniform() <= 0.5) return upright
  const standing = upright
  return standing.map((_, i) => standing[(i % side) * side + Math.floor(i / side)]!)
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
