// Means over a few runs, such as seeds of training. With three values there is nothing to resample; Student's
// t distribution (1908) gives an interval that is as wide as so few values deserve.

import { requireInput } from '../errors/input-error.ts'
import type { Estimate } from './statistics.ts'

/**
 * Mean of `values` with its two-sided 95 % Student interval, mean ± t * s / sqrt(n) with n - 1 degrees of freedom.
 * @throws InputError for fewer than two values: one run has no spread
 */
export function studentMean(values: readonly number[]): Estimate {
  const n = values.length
  requireInput(n >= 2, `an interval over runs needs at least two runs, found ${n}`)
  const value = values.reduce((sum, x) => sum + x, 0) / n
  const variance = values.reduce((sum, x) => sum + (x - value) ** 2, 0) / (n - 1)
  const half = studentPoint(n - 1) * Math.sqrt(variance / n)
  return { value, low: value - half, high: value + half }
}

/** The point t with P(|T| < t) = 0.95 for whole `freedom` >= 1. */
export function studentPoint(freedom: number): number {
  let [low, high] = [1, 13]
  for (let k = 0; k < 60; k++) {
    const middle = (low + high) / 2
    if (inside(middle, freedom) < 0.95) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** P(|T| < t): the finite sums of Abramowitz & Stegun 26.7.3 and 26.7.4. */
function inside(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom))
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)]
  const isOdd = freedom % 2 === 1
  let term = isOdd ? cosine : 1
  let sum = freedom === 1 ? 0 : term
  for (let k = isOdd ? 3 : 2; k < freedom; k += 2) {
    term *= ((k - 1) / k) * cosine ** 2
    sum += term
  }
  return isOdd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum
}
