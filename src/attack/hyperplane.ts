// The nearest point of a hyperplane inside [0, 1]: what FAB asks for, twice per image and iteration.

import type { NormName } from './norm.ts'

/** Normals below this count as zero: dividing by them would send a coordinate anywhere. */
const FLAT: Readonly<Record<NormName, number>> = { L2: 1e-8, Linf: 0 }

/**
 * The smallest d, in the norm, with `<normal, point + d> = offset` and `0 <= point + d <= 1` (Croce & Hein 2020,
 * Minimally distorted adversarial examples, equation 4). Where the plane misses the box, d leads to the corner
 * nearest to it.
 *
 * Every coordinate moves against the normal by `min(t |w_i|, room)` (L2) or `min(t, room)` (Linf), and the way
 * covered, `sum |w_i| min(...)`, is a concave, piecewise linear function of t: Newton's method from 0 comes up to
 * its solution from below and is exact after finitely many steps, with no sorting.
 */
export function towardsHyperplane(
  norm: NormName,
  point: Float32Array,
  normal: Float32Array,
  offset: number,
): Float32Array {
  const n = point.length
  let gap = -offset
  for (let i = 0; i < n; i++) gap += normal[i]! * point[i]!
  const side = gap >= 0 ? 1 : -1
  const wanted = Math.abs(gap)
  const flat = FLAT[norm]
  const linf = norm === 'Linf'
  const out = new Float32Array(n)

  // First pass: rate and room of every coordinate; `out` holds the room for now.
  const rate = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    const w = Math.abs(normal[i]!)
    if (w <= flat) continue
    rate[i] = w
    out[i] = normal[i]! * side > 0 ? point[i]! : 1 - point[i]!
  }
  let t = 0
  for (;;) {
    let [covered, slope] = [0, 0]
    for (let i = 0; i < n; i++) {
      const w = rate[i]!
      const speed = linf ? 1 : w
      const room = out[i]!
      if (t * speed < room) {
        covered += w * t * speed
        slope += w * speed
      } else covered += w * room
    }
    if (slope === 0) {
      t = wanted - covered > 1e-12 * wanted ? Number.POSITIVE_INFINITY : t
      break
    }
    const next = t + (wanted - covered) / slope
    if (!(next > t)) break
    t = next
  }
  for (let i = 0; i < n; i++) {
    const w = rate[i]!
    if (w === 0) continue
    const move = Math.min(t * (linf ? 1 : w), out[i]!)
    out[i] = normal[i]! * side > 0 ? -move : move
  }
  return out
}
