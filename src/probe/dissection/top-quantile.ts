// The activation level that a unit exceeds at a small share of all positions of a data set, in one pass and
// without keeping the activations: a high quantile depends on the highest values alone, so only those stay. Where
// even they would be too many, they are kept as rounded values with counts: the error is then known.
//
// Memory: exact, about 8 x share x positions bytes per unit (share .005, 2,000 images of 56 x 56: 250 kB a unit);
// otherwise 12 bytes per value of `capacity`, however many images come.

import { InputError } from '../../errors/input-error.ts'

export class TopQuantile {
  private readonly keep: number
  private readonly tops: UnitTop[]
  private readonly seen: Float64Array

  /**
   * @param units number of units
   * @param positions number of values every unit will be given in total
   * @param quantile in (0, 1): .995 for the level exceeded at 0.5 % of the positions
   * @param capacity values kept per unit at most; unlimited by default, so that the quantile is exact
   */
  constructor(
    readonly units: number,
    readonly positions: number,
    readonly quantile: number,
    capacity = Number.POSITIVE_INFINITY,
  ) {
    if (!(quantile > 0 && quantile < 1))
      throw new InputError(`a quantile lies between 0 and 1, found ${quantile}`)
    this.keep = Math.min(positions, Math.ceil((1 - quantile) * positions) + 2)
    const wanted = Math.min(positions, 2 * this.keep)
    this.tops = Array.from({ length: units }, () =>
      wanted <= capacity
        ? new ExactTop(wanted, this.keep)
        : new CountedTop(Math.max(16, capacity), this.keep),
    )
    this.seen = new Float64Array(units)
  }

  /** Adds `values[from..to)` to `unit`. NaN counts as the lowest value. */
  add(unit: number, values: Float32Array, from = 0, to = values.length): void {
    this.tops[unit]!.add(values, from, to)
    this.seen[unit]! += to - from
  }

  /**
   * The quantile per unit, `[units]`. With n values x[0] <= .. <= x[n-1] the value at rank quantile x n - 1/2,
   * linearly interpolated (the convention of NetDissect's QuantileVector: value i stands at (i + 1/2) / n).
   * @throws InputError when a unit was not given all its values.
   */
  thresholds(): Float32Array {
    return Float32Array.from(this.tops, (top, unit) => {
      const n = this.seen[unit]!
      if (n !== this.positions) {
        throw new InputError(`unit ${unit} was given ${n} activations, expected ${this.positions}`)
      }
      const rank = Math.min(Math.max(this.quantile * n - 0.5, 0), n - 1)
      const below = Math.floor(rank)
      const above = Math.min(below + 1, n - 1)
      // Counted from the top, since the lowest values are gone; the highest `keep` are here whatever was dropped.
      const [high, low] = [top.fromTop(n - 1 - above), top.fromTop(n - 1 - below)]
      return low + (high - low) * (rank - below)
    })
  }

  /** How far a threshold may be off at most, in units of the activations: 0 where all were found exactly. */
  error(): number {
    return Math.max(...this.tops.map(top => top.error))
  }
}

/** The highest values of one unit. */
interface UnitTop {
  readonly error: number
  add(values: Float32Array, from: number, to: number): void
  /** The value that `rank` others are above (0 for the highest). */
  fromTop(rank: number): number
}

class ExactTop implements UnitTop {
  readonly error = 0
  private readonly best: Float32Array
  private filled = 0
  /** A value at or below the floor is not among the `keep` highest. */
  private floor = Number.NEGATIVE_INFINITY

  constructor(
    size: number,
    private readonly keep: number,
  ) {
    this.best = new Float32Array(size)
  }

  add(values: Float32Array, from: number, to: number): void {
    const { best, keep } = this
    let { floor, filled } = this
    for (let i = from; i < to; i++) {
      const value = values[i]!
      if (!(value > floor)) continue
      if (filled === best.length) {
        best.sort().copyWithin(0, filled - keep)
        filled = keep
        floor = best[0]!
        if (!(value > floor)) continue
      }
      best[filled++] = value
    }
    this.filled = filled
    this.floor = floor
  }

  fromTop(rank: number): number {
    const sorted = this.best.subarray(0, this.filled).sort()
    return sorted[this.filled - 1 - rank] ?? Number.NEGATIVE_INFINITY
  }
}

/** Different rounded values, descending, each with how often it came, and a buffer of what came since. */
class CountedTop implements UnitTop {
  private values = new Float32Array()
  private counts = new Float64Array()
  private readonly fresh: Float32Array
  private filled = 0
  private floor = Number.NEGATIVE_INFINITY
  /**
   * Values are multiples of this power of two (0: as they came). It only ever doubles, so what all roundings
   * together moved a value by is below it.
   */
  private step = 0

  constructor(
    private readonly capacity: number,
    private readonly keep: number,
  ) {
    this.fresh = new Float32Array(capacity)
  }

  get error(): number {
    return this.step
  }

  add(values: Float32Array, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const value = values[i]!
      if (!(value > this.floor)) continue
      if (this.filled === this.fresh.length) this.merge()
      this.fresh[this.filled++] = value
    }
  }

  fromTop(rank: number): number {
    this.merge()
    let above = 0
    for (let i = 0; i < this.values.length; i++) {
      above += this.counts[i]!
      if (above > rank) return this.values[i]!
    }
    return Number.NEGATIVE_INFINITY
  }

  /** Sorts the buffer into the list, drops what is below the `keep` highest, and coarsens until it fits. */
  private merge(): void {
    const fresh = this.fresh.subarray(0, this.filled).sort()
    const old = this.values.length
    const all = new Float32Array(old + fresh.length)
    const counts = new Float64Array(all.length)
    for (let i = 0, k = fresh.length - 1, at = 0; at < all.length; at++) {
      const takesOld = k < 0 || (i < old && this.values[i]! >= fresh[k]!)
      all[at] = takesOld ? this.values[i]! : fresh[k--]!
      counts[at] = takesOld ? this.counts[i++]! : 1
    }
    this.filled = 0
    let length = this.joined(all, counts, all.length)
    while (length > this.capacity / 2) {
      this.step = this.step > 0 ? 2 * this.step : finestStep(all, length)
      length = this.joined(all, counts, length)
    }
    this.values = all.slice(0, length)
    this.counts = counts.slice(0, length)
  }

  /** Rounds, joins equal neighbours of the descending list in place, and cuts it off. Returns its new length. */
  private joined(values: Float32Array, counts: Float64Array, length: number): number {
    let to = -1
    let total = 0
    for (let i = 0; i < length && total < this.keep; i++) {
      const value = this.step > 0 ? Math.round(values[i]! / this.step) * this.step : values[i]!
      if (to < 0 || values[to] !== value) {
        to++
        values[to] = value
        counts[to] = counts[i]!
      } else counts[to]! += counts[i]!
      total += counts[i]!
    }
    // Another value that rounds to the lowest, or below it, would change no rank that is asked for.
    if (total >= this.keep) this.floor = values[to]!
    return to + 1
  }
}

/** A power of two that leaves 2^16 levels up to the largest of `values`. */
function finestStep(values: Float32Array, length: number): number {
  let most = Number.MIN_VALUE
  for (let i = 0; i < length; i++) if (Number.isFinite(values[i])) most = Math.max(most, Math.abs(values[i]!))
  return 2 ** (Math.ceil(Math.log2(most)) - 16)
}
