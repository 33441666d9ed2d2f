// Blur along a line, for a camera that moves and for snow that falls.

import type { Plane } from './gaussian-filter.ts'
import { sums } from './stencil.ts'

/**
 * Sums `plane` shifted step by step along `angle` (degrees), with the weights of half a Gaussian of standard
 * deviation `sigma` over `2 radius + 1` steps. Borders are repeated.
 */
export function motionBlurred(plane: Plane, radius: number, sigma: number, angle: number): Float64Array {
  const { height, width, channels } = plane
  const steps = 2 * radius + 1
  const weights = Float64Array.from({ length: steps }, (_, i) => Math.exp(-(i * i) / (2 * (sigma * sigma))))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const radians = (angle * Math.PI) / 180
  const [downward, rightward] = [steps * Math.sin(radians), steps * Math.cos(radians)]
  const length = Math.hypot(downward, rightward)
  const shifts: { dy: number; dx: number; weight: number }[] = []
  for (let i = 0; i < steps; i++) {
    const dy = -Math.ceil((i * downward) / length - 0.5)
    const dx = -Math.ceil((i * rightward) / length - 0.5)
    if (Math.abs(dy) >= height || Math.abs(dx) >= width) break
    shifts.push({ dy, dx, weight: weights[i]! / total })
  }
  const [down, right] = [shifts.map(shift => shift.dy), shifts.map(shift => shift.dx)]
  const [top, left] = [Math.max(0, ...down), Math.max(0, ...right)]
  const tall = height + top + Math.max(0, ...down.map(dy => -dy))
  const wide = width + left + Math.max(0, ...right.map(dx => -dx))
  const stride = wide * channels
  const rows = { start: top * stride + left * channels, stride, rows: height, count: width * channels }
  return sums(surrounded(plane, top, left, tall, wide), rows, {
    offsets: shifts.map(({ dy, dx }) => -dy * stride - dx * channels),
    weights: shifts.map(({ weight }) => weight),
  })
}

/** `plane` at (`top`, `left`) of `tall` rows of `wide` pixels, its borders repeated. */
function surrounded(plane: Plane, top: number, left: number, tall: number, wide: number): Float64Array {
  const { data, height, width, channels } = plane
  const rowLength = width * channels
  const out = new Float64Array(tall * wide * channels)
  for (let y = 0; y < tall; y++) {
    const from = Math.max(0, Math.min(height - 1, y - top)) * rowLength
    const row = out.subarray(y * wide * channels, (y + 1) * wide * channels)
    row.set(data.subarray(from, from + rowLength), left * channels)
    const end = left * channels + rowLength
    for (let i = 0; i < left * channels; i++) row[i] = data[from + (i % channels)]!
    for (let i = end; i < row.length; i++) row[i] = data[from + rowLength - channels + (i % channels)]!
  }
  return out
}
