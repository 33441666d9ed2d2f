// The images that excite each unit of a layer most, kept while the data set streams by.

import { InputError } from '../errors/input-error.ts'

/** One of a unit's top images. */
export interface TopImage {
  /** Index of the image in the data set's order. */
  readonly image: number
  /** The highest activation on the unit's map. */
  readonly activation: number
}

export class TopImages {
  private readonly lists: TopImage[][]

  /** Keeps `count` images for each of `units` units. */
  constructor(
    readonly units: number,
    readonly count: number,
  ) {
    if (!Number.isInteger(count) || count < 1) {
      throw new InputError(`top images per unit must be a whole number of at least 1, found ${count}`)
    }
    this.lists = Array.from({ length: units }, () => [])
  }

  /**
   * Adds image `image`, whose maps `[units, positions]` start at `offset`. Among equals the image that came
   * first stays ahead. Images on which a unit is silent (maximum 0 or below) never enter its list.
   */
  add(image: number, maps: Float32Array, offset: number, positions: number): void {
    for (let unit = 0; unit < this.units; unit++) {
      let activation = Number.NEGATIVE_INFINITY
      const from = offset + unit * positions
      for (let i = from; i < from + positions; i++) if (maps[i]! > activation) activation = maps[i]!
      const list = this.lists[unit]!
      if (!(activation > 0) || (list.length === this.count && activation <= list.at(-1)!.activation)) continue
      let place = list.length
      while (place > 0 && list[place - 1]!.activation < activation) place--
      list.splice(place, 0, { image, activation })
      if (list.length > this.count) list.pop()
    }
  }

  /** Top images of `unit`, most exciting first; fewer than `count` when it was silent on the others. */
  of(unit: number): readonly TopImage[] {
    return this.lists[unit]!
  }
}
