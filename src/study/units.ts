// The form of units.json: what a study knows of every unit of both networks, unit beside unit of the same
// place. The pages of layers and units are made from it.

import { z } from 'zod'
import type { Answers } from './answers.ts'
import { UnitFacts } from './chapters.ts'
import { PairOf, pairOf } from './pair.ts'
import type { Plan } from './plan.ts'

export const StudiedUnits = z.object({
  format: z.literal(1),
  /** Layers that both networks have, in order; units by channel. */
  layers: z.array(z.object({ layer: z.string(), units: z.array(PairOf(UnitFacts)) })),
})
export type StudiedUnits = z.infer<typeof StudiedUnits>

/** Gathers what the chapters of `plan` say of units. */
export function studiedUnits(plan: Plan, answers: Answers): StudiedUnits {
  const said = plan.chapters.flatMap(({ key, chapter }) =>
    chapter.units === undefined
      ? []
      : [{ key, ...pairOf(role => new Map(chapter.units?.(answers, role).map(of => [of.layer, of.units]))) }],
  )
  return StudiedUnits.parse({
    format: 1,
    layers: plan.layers.flatMap(layer => {
      const counts = said.flatMap(({ standard, robust }) => [standard.get(layer), robust.get(layer)])
      const units = Math.max(0, ...counts.map(of => of?.length ?? 0))
      const facts = Array.from({ length: units }, (_, channel) =>
        pairOf(role => Object.fromEntries(said.map(one => [one.key, one[role].get(layer)?.[channel]]))),
      )
      return units === 0 ? [] : [{ layer, units: facts }]
    }),
  })
}
