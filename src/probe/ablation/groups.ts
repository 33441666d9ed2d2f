// Units taken together because they detect the same: what is a concept for, and what a whole category?

import type { Dissection } from '../dissection/dissection.ts'

/** Units of one layer under one name. */
export interface UnitGroup {
  readonly name: string
  readonly layer: string
  readonly channels: readonly number[]
}

/**
 * The detectors of a dissection: per layer one group for every category, and one for every concept that at least
 * two units detect.
 */
export function detectorGroups({ layers, minimumIou }: Dissection): UnitGroup[] {
  return layers.flatMap(({ layer, units }) => {
    const groups = new Map<string, number[]>()
    for (const { channel, scores } of units) {
      const [best] = scores
      if (best === undefined || best.iou <= minimumIou) continue
      for (const name of [best.category, `${best.category}: ${best.concept}`])
        groups.set(name, [...(groups.get(name) ?? []), channel])
    }
    return [...groups]
      .filter(([name, channels]) => channels.length > 1 || !name.includes(': '))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, channels]) => ({ name, layer, channels }))
  })
}
