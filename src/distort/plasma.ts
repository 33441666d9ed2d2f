// A cloud by the diamond-square algorithm (Fournier, Fussell & Carpenter 1982), for fog.

import type { Draws } from './corruption.ts'

/**
 * A fractal that tiles, `[side, side]`, scaled to [0, 1].
 * @param side a power of two
 * @param decay by what the random part shrinks from one scale to the next
 */
export function plasmaFractal(side: number, decay: number, draws: Draws): Float64Array {
  const map = new Float64Array(side * side)
  const last = side - 1
  let wobble = 100
  for (let step = side; step >= 2; step /= 2, wobble /= decay) {
    const half = step / 2
    const count = side / step
    const at = (row: number, column: number) => map[(row & last) * side + (column & last)]!
    const mean = (sum: number) => sum / 4 + wobble * draws.uniform(-wobble, wobble)
    // Middles of squares, then of their upper sides, then of their left sides; each from its four neighbours.
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) {
        const [y, x] = [i * step, j * step]
        const left = at(y, x) + at(y + step, x)
        map[(y + half) * side + x + half] = mean(left + (at(y, x + step) + at(y + step, x + step)))
      }
    }
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) {
        const [y, x] = [i * step, j * step]
        const upright = at(y + half, x + half) + at(y + side - half, x + half)
        map[y * side + x + half] = mean(upright + (at(y, x) + at(y, x + step)))
      }
    }
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) {
        const [y, x] = [i * step, j * step]
        const level = at(y + half, x + half) + at(y + half, x + side - half)
        map[(y + half) * side + x] = mean(level + (at(y, x) + at(y + step, x)))
      }
    }
  }
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of map) {
    if (value < low) low = value
    if (value > high) high = value
  }
  for (let i = 0; i < map.length; i++) map[i] = (map[i]! - low) / (high - low)
  return map
}
