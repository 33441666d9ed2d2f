// The activation level that a unit exceeds at a small share of all positions of a data set: exact, in one pass,
// and without keeping the activations: a high quantile depends on the highest values alone, so only those stay.
//
// Memory: about 2 x share x positions x 4 bytes per unit (share .005, 2,000 images of 56 x 56: 250 kB a unit).

import { InputError } from '../../errors/input-error.ts'

export class TopQuantile {
  private readonly keep: number
  private readonly best: Float32Array[]
  private readonly filled: Int32Array
  /** A value at or below its unit's floor is not among the `keep` highest. */
  private readonly floor: Float32Array
  private readonly seen: Float64Array

  /**
   * @param units number of units
   * @param positions number of values every unit will be given in total
   * @param quantile in (0, 1): .995 for the level exceeded at 0.5 % of the positions
   */
  constructor(
    readonly units: number,
    readonly positions: number,
    readonly quantile: number,
  ) {
    if (!(quantile > 0 && quantile < 1))
      throw new InputError(`a quantile lies between 0 and 1, found ${quantile}`)
    this.keep = Math.min(positions, Math.ceil((1 - quantile) * positions) + 2)
    this.best = Array.from({ length: units }, () => new Float32Array(Math.min(positions, 2 * this.keep)))
    this.filled = new Int32Array(units)
    this.floor = new Float32Array(units).fill(Number.NEGATIVE_INFINITY)
    this.seen = new Float64Array(units)
  }

  /** Adds `values[from..to)` to `unit`. NaN counts as the lowest value. */
  add(unit: number, values: Float32Array, from = 0, to = values.length): void {
    const best = this.best[unit]!
    let floor = this.floor[unit]!
    let filled = this.filled[unit]!
    for (let i = from; i < to; i++) {
      const value = values[i]!
      if (!(value > floor)) continue
      if (filled === best.length) {
        best.sort().copyWithin(0, filled - this.keep)
        filled = this.keep
        floor = best[0]!
        if (!(value > floor)) continue
      }
      best[filled++] = value
    }
    this.filled[unit] = filled
    this.floor[unit] = floor
    this.seen[unit]! += to - from
  }

  /**
   * The quantile per unit, `[units]`. With n values x[0] <= .. <= x[n-1] the value at rank quantile x n - 1/2,
   * linearly interpolated (the convention of NetDissect's QuantileVector: value i stands at (i + 1/2) / n).
   * @throws InputError when a unit was not given all its values.
   */
  thresholds(): Float32Array {
    const out = new Float32Array(this.units)
    for (let unit = 0; unit < this.units; unit++) {
      const n = this.seen[unit]!
      if (n !== this.positions) {
        throw new InputError(`unit ${unit} was given ${n} activations, expected ${this.positions}`)
      }
      const sorted = this.best[unit]!.subarray(0, this.filled[unit]).sort()
      const lowest = n - sorted.length
      // The highest `keep` values are here whatever was dropped, and the rank looked for is among them.
      const at = (rank: number) => sorted[rank - lowest] ?? Number.NEGATIVE_INFINITY
      const rank = Math.min(Math.max(this.quantile * n - 0.5, 0), n - 1)
      const below = Math.floor(rank)
      const above = Math.min(below + 1, n - 1)
      out[unit] = at(below) + (at(above) - at(below)) * (rank - below)
    }
    return out
  }
}
