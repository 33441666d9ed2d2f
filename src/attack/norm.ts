// The geometry of an attack: in which direction a step goes, how a perturbation is brought back into the ball
// of radius epsilon, where a random start lies, how far two images are apart. Conventions are foolbox's
// (attacks/gradient_descent_base.py) and MadryLab robustness's. Steps and projections are appended to a graph.

import type { GraphBuilder } from '../onnx/builder.ts'
import type { Random } from '../tensor/random.ts'
import { elementCount } from '../tensor/shape.ts'
import { type FloatTensor, float32 } from '../tensor/tensor.ts'

/** Name of a norm of perturbations, per image over all its pixels and channels. */
export type NormName = 'L2' | 'Linf'

export interface Norm {
  readonly name: NormName
  /** Appends the steepest ascent direction of unit norm for a gradient `[n, c, h, w]`; no gradient, no direction. */
  direction(builder: GraphBuilder, gradient: string): string
  /** Appends the projection of a perturbation `[n, c, h, w]` onto the ball of radius `epsilon` (scalar). */
  project(builder: GraphBuilder, perturbation: string, epsilon: string): string
  /** A uniformly random point of the ball around each image `[n, c, h, w]`, clipped to [0, 1]. */
  randomStart(images: FloatTensor, epsilon: number, random: Random): FloatTensor
  /** A random direction of unit norm: normal values (L2) or uniform ones (Linf), normalised, as Auto-PGD starts. */
  randomDirection(size: number, random: Random): Float32Array
  /** Norm of `a`, in float64. */
  length(a: Float32Array): number
  /** Dual norm of `a`: how fast a linear function of gradient `a` rises at most over a step of length 1. */
  dual(a: Float32Array): number
  /** Norm of `a - b`, in float64. */
  between(a: Float32Array, b: Float32Array): number
  /** Norm of `a - b` per image, `[n]`. */
  distance(a: FloatTensor, b: FloatTensor): Float32Array
}

/** Norms below this count as this much: nothing is divided by zero (foolbox's constant). */
const TINY = 1e-12

/** Euclidean norm. */
const l2: Norm = {
  name: 'L2',
  direction: (builder, gradient) => builder.op('Div', [gradient, length(builder, gradient)]),
  project(builder, perturbation, epsilon) {
    const shrink = builder.op('Div', [epsilon, length(builder, perturbation)])
    return builder.op('Mul', [perturbation, builder.op('Min', [shrink, builder.scalar(1)])])
  },
  randomStart(images, epsilon, random) {
    return perImage(images, (image, start, size) => {
      // A normal vector points in every direction alike; volume grows as radius^size.
      let sum = 0
      for (let i = 0; i < size; i++) {
        const value = random.normal()
        start[i] = value
        sum += value * value
      }
      const scale = (epsilon * random.uniform() ** (1 / size)) / Math.sqrt(sum)
      for (let i = 0; i < size; i++) start[i] = clip(image[i]! + scale * start[i]!)
    })
  },
  randomDirection: (size, random) => unit(size, () => random.normal(), euclidean),
  length: euclidean,
  dual: euclidean,
  between: euclidean,
  distance: (a, b) => distances(a, b, euclidean),
}

/** Largest change of any value. */
const linf: Norm = {
  name: 'Linf',
  direction: (builder, gradient) => builder.op('Sign', [gradient]),
  project: (builder, perturbation, epsilon) =>
    builder.op('Clip', [perturbation, builder.op('Neg', [epsilon]), epsilon]),
  randomStart(images, epsilon, random) {
    return perImage(images, (image, start, size) => {
      for (let i = 0; i < size; i++) start[i] = clip(image[i]! + random.uniform(-epsilon, epsilon))
    })
  },
  randomDirection: (size, random) => unit(size, () => random.uniform(-1, 1), largest),
  length: largest,
  dual: absoluteSum,
  between: largest,
  distance: (a, b) => distances(a, b, largest),
}

/** The known norms by name. */
export const norms: Readonly<Record<NormName, Norm>> = { L2: l2, Linf: linf }

/** Appends the projection of images onto the ball around `originals`, then onto [0, 1]. */
export function projected(
  builder: GraphBuilder,
  norm: Norm,
  { images, originals, epsilon }: Readonly<Record<'images' | 'originals' | 'epsilon', string>>,
): string {
  const perturbation = norm.project(builder, builder.op('Sub', [images, originals]), epsilon)
  const inside = builder.op('Add', [originals, perturbation])
  return builder.op('Clip', [inside, builder.scalar(0), builder.scalar(1)])
}

/** Appends the Euclidean length per image, `[n, 1, 1, 1]`, at least {@link TINY}. */
function length(builder: GraphBuilder, value: string): string {
  return builder.op('Max', [builder.op('ReduceL2', [value, builder.ints([1, 2, 3])]), builder.scalar(TINY)])
}

/** `value` brought into [0, 1]. */
export function clip(value: number): number {
  return Math.min(1, Math.max(0, value))
}

/** Euclidean length of `a - b`, or of `a`. */
function euclidean(a: Float32Array, b?: Float32Array): number {
  let sum = 0
  if (b === undefined) for (let i = 0; i < a.length; i++) sum += a[i]! * a[i]!
  else for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2
  return Math.sqrt(sum)
}

/** Largest absolute value of `a - b`, or of `a`. */
function largest(a: Float32Array, b?: Float32Array): number {
  let most = 0
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - (b?.[i] ?? 0)))
  return most
}

function absoluteSum(a: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]!)
  return sum
}

function unit(size: number, draw: () => number, norm: (a: Float32Array) => number): Float32Array {
  const values = Float32Array.from({ length: size }, draw)
  const scale = 1 / (norm(values) || 1)
  return values.map(value => value * scale)
}

function perImage(
  images: FloatTensor,
  fill: (image: Float32Array, start: Float32Array, size: number) => void,
): FloatTensor {
  const size = elementCount(images.shape.slice(1))
  const data = new Float32Array(images.data.length)
  for (let from = 0; from < data.length; from += size) {
    fill(images.data.subarray(from, from + size), data.subarray(from, from + size), size)
  }
  return float32(images.shape, data)
}

function distances(
  a: FloatTensor,
  b: FloatTensor,
  between: (x: Float32Array, y: Float32Array) => number,
): Float32Array {
  const size = elementCount(a.shape.slice(1))
  return Float32Array.from({ length: a.shape[0] ?? 0 }, (_, i) =>
    between(a.data.subarray(i * size, (i + 1) * size), b.data.subarray(i * size, (i + 1) * size)),
  )
}
