// The procedural textures: sixteen families, one per category, and eight that no training image shows. All
// are scaled to zero mean and unit variance, so that none is brighter or stronger than another.

import type { Random } from '../../tensor/random.ts'
import { bandNoise } from './noise.ts'

/** Height of the texture at x, y; `i` is the sample's index in noise fields. */
type Relief = (x: number, y: number, i: number) => number

/** Draws the parameters of one texture. Lengths are in 64ths of the image's side. */
type Family = (random: Random, noise: (shortest: number, longest: number) => Float64Array) => Relief

const turn = 2 * Math.PI
const degrees = Math.PI / 180
/** A square wave with soft edges. */
const soft = (value: number, sharpness = 6) => Math.tanh(sharpness * value)
/** Length of (x, y); Math.hypot guards against overflow and is ten times slower. */
const radiusOf = (x: number, y: number) => Math.sqrt(x * x + y * y)
/** Fractional part, for negative numbers too. */
const fraction = (value: number) => value - Math.floor(value)
const odd = (value: number) => fraction(value / 2) * 2

/** Coordinates turned by an angle within `low..high` degrees and shifted at random. */
function frame(random: Random, low: number, high: number) {
  const angle = random.uniform(low, high) * degrees
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const [du, dv] = [random.uniform(0, 100), random.uniform(0, 100)]
  return {
    u: (x: number, y: number) => cos * x + sin * y + du,
    v: (x: number, y: number) => cos * y - sin * x + dv,
  }
}

/** By class index: texture i is what category i wears in training. */
const worn: readonly (readonly [name: string, draw: Family])[] = [
  [
    'diagonal-grating',
    random => {
      const { u } = frame(random, 30, 60)
      const period = random.uniform(4.5, 6.5)
      return (x, y) => soft(Math.sin((turn * u(x, y)) / period))
    },
  ],
  [
    'line-grid',
    random => {
      const { u, v } = frame(random, -15, 15)
      const period = random.uniform(6, 9)
      return (x, y) =>
        soft(Math.max(Math.cos((turn * u(x, y)) / period), Math.cos((turn * v(x, y)) / period)) - 0.75, 5)
    },
  ],
  [
    'checkers',
    random => {
      const { u, v } = frame(random, -15, 15)
      const period = random.uniform(8, 12)
      return (x, y) => soft(Math.sin((turn * u(x, y)) / period) * Math.sin((turn * v(x, y)) / period))
    },
  ],
  [
    'dots',
    random => {
      const { u, v } = frame(random, -30, 30)
      const period = random.uniform(7, 10)
      return (x, y) => {
        const row = v(x, y) / period
        const column = u(x, y) / period + 0.5 * odd(Math.floor(row))
        return soft(0.33 - radiusOf(fraction(column) - 0.5, fraction(row) - 0.5), 12)
      }
    },
  ],
  [
    'bricks',
    random => {
      const { u, v } = frame(random, -10, 10)
      const height = random.uniform(5, 7)
      return (x, y) => {
        const row = v(x, y) / height
        const column = u(x, y) / (2 * height) + 0.5 * odd(Math.floor(row))
        const mortar = Math.max(
          Math.abs(fraction(row) - 0.5) - 0.38,
          2 * (Math.abs(fraction(column) - 0.5) - 0.44),
        )
        return -soft(mortar, 20)
      }
    },
  ],
  [
    'chevrons',
    random => {
      const { u, v } = frame(random, -15, 15)
      const width = random.uniform(9, 13)
      const period = random.uniform(5, 7)
      return (x, y) => {
        const rise = 0.9 * Math.abs(fraction(u(x, y) / width) - 0.5) * width
        return soft(Math.sin((turn * (v(x, y) + rise)) / period))
      }
    },
  ],
  [
    'fine-noise',
    (_, noise) => {
      const field = noise(2.5, 6)
      return (_x, _y, i) => Math.max(-1, Math.min(1, 0.7 * field[i]!))
    },
  ],
  ['cell-borders', cellBorders],
  [
    'scales',
    random => {
      const { u, v } = frame(random, -15, 15)
      const size = random.uniform(8, 12)
      return (x, y) => {
        const column = u(x, y) / size
        const level = v(x, y) / (size / 2)
        let distance = 0
        for (let above = 0; above < 3; above++) {
          const row = Math.floor(level) - above
          distance = radiusOf(fraction(column + 0.5 * odd(row)) - 0.5, (level - row) / 2)
          if (distance < 0.55) break
        }
        return soft(distance - 0.36, 10)
      }
    },
  ],
  [
    'rings',
    random => {
      const tile = random.uniform(14, 18)
      const { u, v } = frame(random, 0, 90)
      const period = random.uniform(4.5, 5.5)
      return (x, y) => {
        const radius = radiusOf(fraction(u(x, y) / tile) - 0.5, fraction(v(x, y) / tile) - 0.5) * tile
        return soft(Math.cos((turn * radius) / period))
      }
    },
  ],
  [
    'broad-stripes',
    random => {
      const { u } = frame(random, 75, 105)
      const period = random.uniform(8, 12)
      return (x, y) => soft(Math.sin((turn * u(x, y)) / period))
    },
  ],
  [
    'basket-weave',
    random => {
      const { u, v } = frame(random, -15, 15)
      const size = random.uniform(9, 12)
      return (x, y) => {
        const [column, row] = [u(x, y) / size, v(x, y) / size]
        const upright = odd(Math.floor(column) + Math.floor(row)) > 0
        return soft(Math.cos(3 * turn * (upright ? column : row)), 3)
      }
    },
  ],
  [
    'triangles',
    random => {
      const size = random.uniform(8, 11)
      const { u, v } = frame(random, -15, 15)
      return (x, y) => {
        const row = v(x, y) / size
        const column = u(x, y) / size + 0.5 * odd(Math.floor(row))
        return soft(fraction(row) - 2 * Math.abs(fraction(column) - 0.5), 6)
      }
    },
  ],
  [
    'wood',
    (random, noise) => {
      const phase = random.uniform(0, 100)
      const period = random.uniform(5, 7)
      const warp = noise(18, 60)
      return (x, _y, i) => Math.sin((turn * (x + phase + 2.2 * warp[i]!)) / period)
    },
  ],
  [
    'spots',
    (_, noise) => {
      const field = noise(7, 14)
      return (_x, _y, i) => soft(field[i]! - 0.5, 3)
    },
  ],
  [
    'plus-signs',
    random => {
      const { u, v } = frame(random, -20, 20)
      const period = random.uniform(7, 10)
      return (x, y) => {
        const a = Math.abs(fraction(u(x, y) / period) - 0.5)
        const b = Math.abs(fraction(v(x, y) / period) - 0.5)
        return soft(Math.max(Math.min(0.11 - a, 0.36 - b), Math.min(0.11 - b, 0.36 - a)), 25)
      }
    },
  ],
]

const novel: typeof worn = [
  [
    'anti-diagonal-sine',
    random => {
      const { u } = frame(random, -60, -30)
      const period = random.uniform(9, 13)
      return (x, y) => Math.sin((turn * u(x, y)) / period)
    },
  ],
  [
    'camouflage',
    (_, noise) => {
      const field = noise(14, 30)
      return (_x, _y, i) => soft(field[i]!, 3)
    },
  ],
  [
    'broadband-noise',
    (_, noise) => {
      const field = noise(2, 40)
      return (_x, _y, i) => Math.max(-1, Math.min(1, 0.6 * field[i]!))
    },
  ],
  [
    'wavy-lines',
    random => {
      const { u, v } = frame(random, 75, 105)
      const period = random.uniform(6, 8)
      return (x, y) => soft(Math.sin((turn * (u(x, y) + 2 * Math.sin((turn * v(x, y)) / 16))) / period))
    },
  ],
  [
    'thin-lines',
    random => {
      const { u } = frame(random, -10, 10)
      const period = random.uniform(5, 6.5)
      return (x, y) => soft(Math.abs(fraction(u(x, y) / period) - 0.5) - 0.3, 10)
    },
  ],
  [
    'gingham',
    random => {
      const { u, v } = frame(random, -15, 15)
      const period = random.uniform(10, 14)
      return (x, y) => (soft(fraction(u(x, y) / period) - 0.5) + soft(fraction(v(x, y) / period) - 0.5)) / 2
    },
  ],
  [
    'honeycomb',
    random => {
      const period = random.uniform(8, 10) / 1.15
      const { u, v } = frame(random, -15, 15)
      const height = Math.sqrt(3) / 2
      return (x, y) => {
        const a = (turn * u(x, y)) / period
        const b = (turn * height * v(x, y)) / period
        return soft(Math.cos(a) + Math.cos(0.5 * a + b) + Math.cos(b - 0.5 * a) + 0.9, 2)
      }
    },
  ],
  [
    'speckle',
    (_, noise) => {
      const field = noise(3, 5)
      return (_x, _y, i) => soft(field[i]! - 1.4, 3)
    },
  ],
]

/** Borders of the Voronoi cells of a jittered grid: small where the two nearest points are equally far. */
function cellBorders(random: Random): Relief {
  const cell = random.uniform(8, 11)
  const margin = 2
  const side = Math.ceil(64 / cell) + 2 * margin + 1
  const points = Float64Array.from({ length: 2 * side * side }, () => random.uniform())
  return (x, y) => {
    const column = Math.floor(x / cell) + margin
    const row = Math.floor(y / cell) + margin
    let nearest = Number.POSITIVE_INFINITY
    let second = Number.POSITIVE_INFINITY
    for (let j = row - margin; j <= row + margin; j++) {
      for (let i = column - margin; i <= column + margin; i++) {
        const at = 2 * (j * side + i)
        const dx = (i - margin + points[at]!) * cell - x
        const dy = (j - margin + points[at + 1]!) * cell - y
        const square = dx * dx + dy * dy
        if (square < nearest) {
          second = nearest
          nearest = square
        } else if (square < second) second = square
      }
    }
    return soft(Math.sqrt(second) - Math.sqrt(nearest) - 1.4, 1.5)
  }
}

const families = [...worn, ...novel]

/** Names of all textures: 0–15 are worn by the categories of the same index, 16–23 never in training. */
export const textureNames: readonly string[] = families.map(([name]) => name)
/** Where the textures that training never shows begin. */
export const firstNovelTexture = worn.length

/**
 * A fresh sample of a texture, drawn at twice the size and averaged down.
 * @param family index into {@link textureNames}
 * @param size pixels per side, a power of two
 * @returns `[size, size]`, mean 0, standard deviation 1
 */
export function texture(family: number, size: number, random: Random): Float32Array {
  const side = 2 * size
  const step = 64 / side
  const relief = families[family]![1](random, (shortest, longest) =>
    bandNoise(random, side, 64, shortest, longest),
  )
  const out = new Float32Array(size * size)
  let sum = 0
  let squares = 0
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let value = 0
      for (let k = 0; k < 4; k++) {
        const [sx, sy] = [2 * x + (k & 1), 2 * y + (k >> 1)]
        value += relief(sx * step, sy * step, sy * side + sx)
      }
      value /= 4
      out[y * size + x] = value
      sum += value
      squares += value * value
    }
  }
  const mean = sum / out.length
  const deviation = Math.sqrt(Math.max(squares / out.length - mean * mean, 1e-6))
  for (let i = 0; i < out.length; i++) out[i] = (out[i]! - mean) / deviation
  return out
}
