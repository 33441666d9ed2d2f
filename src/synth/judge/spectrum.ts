// How the energy of a picture falls with frequency. In natural images log power falls about linearly with log
// frequency, with a slope near -2; noise is flat, and a network's own artefacts stand out at high frequencies.

import type { FloatTensor } from '../../tensor/tensor.ts'

const FIRST = 2

/**
 * Per picture of `[n, 3, h, w]`: the least-squares slope of log power against log frequency, over rings of one cycle's
 * width from 2 cycles per shorter side (a window blurs slower ones with the mean) to its Nyquist frequency; grey
 * level, mean removed, under a Hann window.
 */
export function spectrumSlopes(images: FloatTensor): Float64Array {
  const [n = 0, , height = 0, width = 0] = images.shape
  const area = height * width
  return Float64Array.from({ length: n }, (_, i) => {
    const planes = images.data.subarray(3 * i * area, 3 * (i + 1) * area)
    const grey = Float64Array.from(
      { length: area },
      (_, k) => (planes[k]! + planes[area + k]! + planes[2 * area + k]!) / 3,
    )
    return slopeOf(ringPowers(windowed(grey, height, width), height, width))
  })
}

function windowed(grey: Float64Array, height: number, width: number): Float64Array {
  const mean = grey.reduce((a, b) => a + b, 0) / grey.length
  const hann = (at: number, size: number) => Math.sin((Math.PI * (at + 0.5)) / size) ** 2
  return grey.map((v, i) => (v - mean) * hann(Math.floor(i / width), height) * hann(i % width, width))
}

/** Mean power by ring, that of {@link FIRST} cycles per shorter side first. */
function ringPowers(grey: Float64Array, height: number, width: number): Float64Array {
  // Along the rows, half of the frequencies (the others mirror them), then along the columns.
  const columns = Math.floor(width / 2) + 1
  const [real, imaginary] = [new Float64Array(height * columns), new Float64Array(height * columns)]
  for (let v = 0; v < columns; v++) {
    for (let x = 0; x < width; x++) {
      const angle = (-2 * Math.PI * ((v * x) % width)) / width
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
      for (let y = 0; y < height; y++) {
        real[y * columns + v]! += grey[y * width + x]! * cos
        imaginary[y * columns + v]! += grey[y * width + x]! * sin
      }
    }
  }
  const shorter = Math.min(height, width)
  const rings = Math.floor(shorter / 2)
  const [sums, counts] = [new Float64Array(rings + 1), new Float64Array(rings + 1)]
  for (let u = 0; u < height; u++) {
    const fy = Math.min(u, height - u) / height
    const turns = Array.from({ length: height }, (_, y) => (-2 * Math.PI * ((u * y) % height)) / height)
    const [cos, sin] = [turns.map(Math.cos), turns.map(Math.sin)]
    for (let v = 0; v < columns; v++) {
      const ring = Math.round(Math.hypot(fy, v / width) * shorter)
      if (ring < FIRST || ring > rings) continue
      let [re, im] = [0, 0]
      for (let y = 0; y < height; y++) {
        const [a, b] = [real[y * columns + v]!, imaginary[y * columns + v]!]
        re += a * cos[y]! - b * sin[y]!
        im += a * sin[y]! + b * cos[y]!
      }
      sums[ring]! += re * re + im * im
      counts[ring]!++
    }
  }
  return sums.map((sum, ring) => sum / Math.max(1, counts[ring]!)).slice(FIRST)
}

function slopeOf(powers: Float64Array): number {
  const points = [...powers].map(
    (power, k) => [Math.log(k + FIRST), Math.log(Math.max(power, 1e-12))] as const,
  )
  const mean = (axis: 0 | 1) => points.reduce((sum, point) => sum + point[axis], 0) / points.length
  const [x0, y0] = [mean(0), mean(1)]
  const covariance = points.reduce((sum, [x, y]) => sum + (x - x0) * (y - y0), 0)
  return covariance / points.reduce((sum, [x]) => sum + (x - x0) ** 2, 0)
}
