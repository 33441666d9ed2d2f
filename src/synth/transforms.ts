// Small random movements of the picture before the network sees it: what is found must then be seen from everywhere,
// not only by one grid of pixels (Olah, Mordvintsev & Schubert 2017). JavaScript draws a movement per step and feeds
// it as small matrices; the picture itself is moved in the graph. Scaling, shifting and blurring work axis by axis
// and are one matrix per axis; a rotation reads four neighbours of each position.

import { requireInput } from '../errors/input-error.ts'
import type { GraphBuilder } from '../onnx/builder.ts'
import type { Random } from '../tensor/random.ts'
import { float32, int64, type Tensor } from '../tensor/tensor.ts'
import type { Size } from './parametrisation.ts'

/** How far movements go; what is left out does not move. Each step draws one movement for all pictures. */
export interface Transforms {
  /** Whole pixels that the picture is shifted by at most, along each axis. */
  readonly jitter?: number
  /** Factors that the picture is scaled by, smallest and largest. */
  readonly scale?: readonly [number, number]
  /** Degrees that the picture is turned by at most, either way. */
  readonly rotate?: number
  /** Largest standard deviation of a Gaussian blur, in pixels. */
  readonly blur?: number
}

/**
 * The movements of feature visualisation for pictures of `side` pixels. Without rotation: its gradient is scattered
 * element by element and would double the time of a step.
 */
export function robustTransforms(side: number): Transforms {
  return { jitter: Math.max(1, Math.round(side / 16)), scale: [0.9, 1.1] }
}

const ROWS = 'synthesis.transform.rows'
const COLUMNS = 'synthesis.transform.columns'
const NEIGHBOURS = 'synthesis.transform.neighbours'
const SHARES = 'synthesis.transform.shares'

const isSeparable = ({ jitter, scale, blur }: Transforms) =>
  jitter !== undefined || scale !== undefined || blur !== undefined

/** Which movements there are, for the name of a graph. */
export function describeTransforms({ jitter, scale, rotate, blur }: Transforms): string {
  const parts = [
    jitter !== undefined && `jitter ${jitter}`,
    scale !== undefined && `scale ${scale[0]} to ${scale[1]}`,
    rotate !== undefined && `rotation ${rotate}`,
    blur !== undefined && `blur ${blur}`,
  ]
  return parts.filter(Boolean).join(', ') || 'none'
}

/** @throws InputError for a movement that is no movement. */
export function checkTransforms({ jitter = 0, scale = [1, 1], rotate = 0, blur = 0 }: Transforms): void {
  requireInput(
    Number.isInteger(jitter) && jitter >= 0,
    `jitter must be a whole number of pixels, found ${jitter}`,
  )
  const [low, high] = scale
  requireInput(
    low > 0 && high >= low && Number.isFinite(high),
    `scale must be two factors above 0, the smaller first, found ${low} and ${high}`,
  )
  requireInput(rotate >= 0 && rotate <= 180, `rotation must lie between 0 and 180 degrees, found ${rotate}`)
  requireInput(
    blur >= 0 && Number.isFinite(blur),
    `blur must be a standard deviation from 0 on, found ${blur}`,
  )
}

/** Appends the moved picture. */
export function appendTransforms(
  builder: GraphBuilder,
  picture: string,
  transforms: Transforms,
  [height, width]: Size,
): string {
  let moved = picture
  if (transforms.rotate !== undefined) {
    const area = height * width
    const neighbours = builder.input(NEIGHBOURS, 'int64', [area, 4])
    const shares = builder.input(SHARES, 'float32', [area, 4])
    const flat = builder.op('Reshape', [moved, builder.ints([-1, 3, area])])
    const read = builder.op('Mul', [builder.op('Gather', [flat, neighbours], { axis: 2 }), shares])
    const turned = builder.op('ReduceSum', [read, builder.ints([3])], { keepdims: 0 })
    moved = builder.op('Reshape', [turned, builder.ints([-1, 3, height, width])])
  }
  if (isSeparable(transforms)) {
    const rows = builder.input(ROWS, 'float32', [height, height])
    const columns = builder.input(COLUMNS, 'float32', [width, width])
    moved = builder.op('MatMul', [builder.op('MatMul', [rows, moved]), columns])
  }
  return moved
}

/** Draws the movement of one step. */
export function drawTransforms(
  transforms: Transforms,
  [height, width]: Size,
  random: Random,
): Record<string, Tensor> {
  const { jitter = 0, scale = [1, 1], rotate = 0, blur = 0 } = transforms
  const feeds: Record<string, Tensor> = {}
  if (transforms.rotate !== undefined)
    Object.assign(feeds, rotation([height, width], random.uniform(-rotate, rotate)))
  if (isSeparable(transforms)) {
    const factor = random.uniform(scale[0], scale[1])
    const sigma = random.uniform(0, blur)
    const shift = () => random.integer(2 * jitter + 1) - jitter
    const rows = axisMatrix(height, factor, shift(), sigma)
    const columns = axisMatrix(width, factor, shift(), sigma)
    feeds[ROWS] = float32([height, height], rows)
    feeds[COLUMNS] = float32([width, width], transposed(columns, width))
  }
  return feeds
}

/** `[to, from]`: each position of a scaled, shifted, blurred axis as a mean of positions of the original one. */
function axisMatrix(size: number, factor: number, shift: number, sigma: number): Float32Array {
  const middle = (size - 1) / 2
  const matrix = new Float32Array(size * size)
  const reach = Math.ceil(3 * sigma)
  const window = Array.from({ length: 2 * reach + 1 }, (_, k) =>
    sigma > 0 ? Math.exp(-((k - reach) ** 2) / (2 * sigma ** 2)) : 1,
  )
  const total = window.reduce((a, b) => a + b, 0)
  for (let to = 0; to < size; to++) {
    for (const [k, weight] of window.entries()) {
      const at = (to + k - reach - middle) / factor + middle - shift
      const low = Math.floor(at)
      matrix[to * size + mirrored(low, size)]! += ((low + 1 - at) * weight) / total
      matrix[to * size + mirrored(low + 1, size)]! += ((at - low) * weight) / total
    }
  }
  return matrix
}

function transposed(matrix: Float32Array, size: number): Float32Array {
  return matrix.map((_, i) => matrix[(i % size) * size + Math.floor(i / size)]!)
}

/** The four positions around where each position comes from, and the share of each (bilinear). */
function rotation([height, width]: Size, degrees: number): Record<string, Tensor> {
  const area = height * width
  const neighbours = new BigInt64Array(4 * area)
  const shares = new Float32Array(4 * area)
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]
  const [middleY, middleX] = [(height - 1) / 2, (width - 1) / 2]
  for (let i = 0; i < area; i++) {
    const [dy, dx] = [Math.floor(i / width) - middleY, (i % width) - middleX]
    const [y, x] = [middleY + cos * dy - sin * dx, middleX + sin * dy + cos * dx]
    const [top, left] = [Math.floor(y), Math.floor(x)]
    for (let k = 0; k < 4; k++) {
      const [row, column] = [top + (k >> 1), left + (k & 1)]
      neighbours[4 * i + k] = BigInt(mirrored(row, height) * width + mirrored(column, width))
      shares[4 * i + k] = (1 - Math.abs(y - row)) * (1 - Math.abs(x - column))
    }
  }
  return { [NEIGHBOURS]: int64([area, 4], neighbours), [SHARES]: float32([area, 4], shares) }
}

/** Positions outside are those inside, mirrored at the edge. */
function mirrored(at: number, size: number): number {
  const inPeriod = ((at % (2 * size)) + 2 * size) % (2 * size)
  return inPeriod < size ? inPeriod : 2 * size - 1 - inPeriod
}
