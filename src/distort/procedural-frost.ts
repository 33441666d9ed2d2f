// Pictures of frost for where the photographs of ImageNet-C may not be copied: needles of ice that branch, over a
// cloud. Each has the colour (mean and standard deviation of every channel) of one of the five photographs that the
// `imagecorruptions` package draws from; the slopes of their spectra are -1.3 to -1.6 (photographs: -1.2 to -2.0).

import { type Pixels, pixels } from '../image/pixels.ts'
import { Random } from '../tensor/random.ts'
import { plasmaFractal } from './plasma.ts'

interface FrostLook {
  readonly mean: readonly [number, number, number]
  readonly deviation: readonly [number, number, number]
  /** Crystals on the picture, their longest needle in pixels, and the share of the cloud in the variance. */
  readonly crystals: number
  readonly needle: number
  readonly cloud: number
}

/** The colours were measured on the photographs; the second and third of them are the same picture. */
const looks: readonly FrostLook[] = [
  { mean: [78, 149, 166], deviation: [27, 16.5, 15], crystals: 16_000, needle: 9, cloud: 0.6 },
  { mean: [201, 205, 214], deviation: [21, 22, 23], crystals: 3000, needle: 45, cloud: 0.3 },
  { mean: [201, 205, 214], deviation: [21, 22, 23], crystals: 2600, needle: 50, cloud: 0.3 },
  { mean: [138, 153, 165], deviation: [28.5, 28.5, 30], crystals: 14_000, needle: 11, cloud: 0.3 },
  { mean: [112, 123, 135], deviation: [44, 43, 42], crystals: 3500, needle: 35, cloud: 0.45 },
]

const SIDE = 512
let made: readonly Pixels[] | undefined

/** Five pictures of frost, 512x512 RGB; always the same. */
export function proceduralFrost(): readonly Pixels[] {
  made ??= looks.map((look, index) => painted(look, new Random(index + 1)))
  return made
}

function painted(look: FrostLook, random: Random): Pixels {
  const ice = standardised(needles(look, random))
  const cloud = standardised(plasmaFractal(SIDE, 1.5, random))
  const [cloudShare, iceShare] = [Math.sqrt(look.cloud), Math.sqrt(1 - look.cloud)]
  const relief = standardised(ice.map((value, i) => iceShare * value + cloudShare * cloud[i]!))
  const data = new Uint8ClampedArray(SIDE * SIDE * 3)
  for (let i = 0; i < relief.length; i++) {
    for (let c = 0; c < 3; c++) data[3 * i + c] = look.mean[c]! + look.deviation[c]! * relief[i]!
  }
  return pixels(SIDE, SIDE, 3, new Uint8Array(data.buffer))
}

/** Crystals at random places: a needle with branches to both sides, at 60 degrees as ice grows them. */
function needles({ crystals, needle }: FrostLook, random: Random): Float64Array {
  const map = new Float64Array(SIDE * SIDE)
  for (let i = 0; i < crystals; i++) {
    const [y, x] = [random.uniform(0, SIDE), random.uniform(0, SIDE)]
    const length = needle * random.uniform(0.4, 1)
    const direction = random.uniform(0, 2 * Math.PI)
    const light = random.uniform(0.5, 1) * (random.uniform() < 0.35 ? -0.6 : 1)
    drawLine(map, y, x, direction, length, light)
    for (let along = 3; along < length; along += random.uniform(2, 5)) {
      const branch = (length - along) * random.uniform(0.3, 0.6)
      const [fromY, fromX] = [y + along * Math.sin(direction), x + along * Math.cos(direction)]
      drawLine(map, fromY, fromX, direction + Math.PI / 3, branch, light * 0.8)
      drawLine(map, fromY, fromX, direction - Math.PI / 3, branch, light * 0.8)
    }
  }
  return map
}

/** Adds `light` along a line, fading to its end and spread over the four pixels around each point; edges wrap. */
function drawLine(
  map: Float64Array,
  y: number,
  x: number,
  direction: number,
  length: number,
  light: number,
): void {
  const [dy, dx] = [Math.sin(direction), Math.cos(direction)]
  const wrap = (i: number) => ((i % SIDE) + SIDE) % SIDE
  for (let t = 0; t < length; t += 0.7) {
    const [atY, atX] = [y + t * dy, x + t * dx]
    const [top, left] = [Math.floor(atY), Math.floor(atX)]
    const [low, right] = [atY - top, atX - left]
    const amount = light * (1 - t / length)
    const [row, next] = [wrap(top) * SIDE, wrap(top + 1) * SIDE]
    const [column, following] = [wrap(left), wrap(left + 1)]
    map[row + column]! += amount * (1 - low) * (1 - right)
    map[row + following]! += amount * (1 - low) * right
    map[next + column]! += amount * low * (1 - right)
    map[next + following]! += amount * low * right
  }
}

/** Mean 0, standard deviation 1, and nothing further out than 3. */
function standardised(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  return values.map(value => Math.max(-3, Math.min(3, (value - mean) / Math.sqrt(variance))))
}
