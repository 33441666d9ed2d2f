// Compares arrays and, where they differ, says by how much, where, and how many do.

import type { Tensor } from '../../src/tensor/tensor.ts'

export interface Tolerance {
  /** Allowed |a - b| relative to the largest |expected|. Default 0. */
  readonly relative?: number
  /** Allowed |a - b|. Default 0. */
  readonly absolute?: number
}

/** Throws unless every element of `actual` is within `tolerance` of `expected`. NaN never is. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { relative = 0, absolute = 0 }: Tolerance,
  what = 'values',
): void {
  if (actual.length !== expected.length) {
    throw new Error(`${what}: ${actual.length} elements, expected ${expected.length}`)
  }
  let scale = 0
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i]!))
  const allowed = absolute + relative * scale
  let worst = -1
  let worstGap = -1
  let count = 0
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!)
    const gap = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference
    if (gap <= allowed) continue
    count++
    if (gap > worstGap) {
      worst = i
      worstGap = gap
    }
  }
  if (count > 0) {
    throw new Error(
      `${what}: ${count} of ${expected.length} differ by more than ${allowed.toExponential(2)}; worst at ${worst}: ` +
        `${actual[worst]} instead of ${expected[worst]}`,
    )
  }
}

/** {@link expectClose} on tensors; shapes must be equal too. */
export function expectTensorsClose(
  actual: Tensor,
  expected: Tensor,
  tolerance: Tolerance,
  what = 'tensor',
): void {
  if (actual.shape.join() !== expected.shape.join()) {
    throw new Error(`${what}: shape [${actual.shape}], expected [${expected.shape}]`)
  }
  const numbers = (t: Tensor) => Array.from(t.data as ArrayLike<number | bigint>, Number)
  expectClose(numbers(actual), numbers(expected), tolerance, what)
}
