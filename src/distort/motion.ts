// Blur along a line, for a camera that moves and for snow that falls.

import type { Plane } from './gaussian-filter.ts'

/**
 * Sums `plane` shifted step by step along `angle` (degrees), with the weights of half a Gaussian of standard
 * deviation `sigma` over `2 radius + 1` steps. Borders are repeated.
 */
export function motionBlurred(plane: Plane, radius: number, sigma: number, angle: number): Float64Array {
  const { data, height, width, channels } = plane
  const steps = 2 * radius + 1
  const weights = Float64Array.from({ length: steps }, (_, i) => Math.exp(-(i * i) / (2 * (sigma * sigma))))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const radians = (angle * Math.PI) / 180
  const [downward, rightward] = [steps * Math.sin(radians), steps * Math.cos(radians)]
  const length = Math.hypot(downward, rightward)
  const out = new Float64Array(data.length)
  const rowLength = width * channels
  for (let i = 0; i < steps; i++) {
    const dy = -Math.ceil((i * downward) / length - 0.5)
    const dx = -Math.ceil((i * rightward) / length - 0.5)
    if (Math.abs(dy) >= height || Math.abs(dx) >= width) break
    const weight = weights[i]! / total
    for (let y = 0; y < height; y++) {
      const from = Math.max(0, Math.min(height - 1, y - dy)) * rowLength
      addShifted(out, y * rowLength, data, from, dx, width, channels, weight)
    }
  }
  return out
}

/** Adds one row of `data`, moved `dx` pixels to the right, to one row of `out`. */
function addShifted(
  out: Float64Array,
  to: number,
  data: Float64Array,
  from: number,
  dx: number,
  width: number,
  channels: number,
  weight: number,
): void {
  const first = Math.max(0, dx) * channels
  const end = (width + Math.min(0, dx)) * channels
  const offset = from - dx * channels
  for (let i = 0; i < first; i++) out[to + i]! += weight * data[from + (i % channels)]!
  for (let i = first; i < end; i++) out[to + i]! += weight * data[offset + i]!
  const last = from + (width - 1) * channels
  for (let i = end; i < width * channels; i++) out[to + i]! += weight * data[last + (i % channels)]!
}
