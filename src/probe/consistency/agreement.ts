// How alike two observers err (Geirhos, Meding and Wichmann 2020): they may agree on a picture merely because both
// are right most of the time; error consistency is the agreement beyond that.

/** Two observers on the same pictures; all in [0, 1] but `errorConsistency`, which lies in [-1, 1]. */
export interface Agreement {
  readonly accuracies: readonly [number, number]
  /** Share of pictures on which both are right or both wrong. */
  readonly observed: number
  /** The same of two observers that err independently: p1 p2 + (1 - p1)(1 - p2). */
  readonly expected: number
  /** Cohen's kappa: (observed - expected) / (1 - expected), and 1 where both never differ. */
  readonly errorConsistency: number
}

/**
 * @param first 1 where right, else 0
 * @param second the same, as long
 * @param weights how often each picture counts; default: once
 */
export function agreement(first: Uint8Array, second: Uint8Array, weights?: Uint32Array): Agreement {
  let [total, right1, right2, same] = [0, 0, 0, 0]
  for (let i = 0; i < first.length; i++) {
    const weight = weights === undefined ? 1 : weights[i]!
    total += weight
    right1 += weight * first[i]!
    right2 += weight * second[i]!
    if (first[i] === second[i]) same += weight
  }
  const [p1, p2] = [right1 / total, right2 / total]
  const expected = p1 * p2 + (1 - p1) * (1 - p2)
  const observed = same / total
  return {
    accuracies: [p1, p2],
    observed,
    expected,
    errorConsistency: same === total ? 1 : (observed - expected) / (1 - expected),
  }
}
