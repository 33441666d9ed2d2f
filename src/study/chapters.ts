// The chapters of a study, in the order in which they are run and told. The key of each is its key in the config
// and in study.json; the report has a section for each under the same key (report/sections.ts).

import { z } from 'zod'
import type { Chapter } from './chapter.ts'
import { ablation } from './chapters/ablation.ts'
import { accuracy } from './chapters/accuracy.ts'
import { activations } from './chapters/activations.ts'
import { concepts } from './chapters/concepts.ts'
import { distortions } from './chapters/distortions.ts'
import { diversity } from './chapters/diversity.ts'
import { masking } from './chapters/masking.ts'
import { robustness } from './chapters/robustness.ts'
import { shapeBias } from './chapters/shape-bias.ts'
import { smoothness } from './chapters/smoothness.ts'
import { spectrum } from './chapters/spectrum.ts'
import { visualisation } from './chapters/visualisation.ts'

export const chapters = {
  shapeBias,
  accuracy,
  distortions,
  robustness,
  masking,
  smoothness,
  activations,
  spectrum,
  concepts,
  diversity,
  visualisation,
  ablation,
} satisfies Readonly<Record<string, Chapter>>
export type ChapterKey = keyof typeof chapters

/** The chapters with their keys, for whatever treats them alike. */
export const chapterList: readonly (readonly [key: string, chapter: Chapter])[] = Object.entries(chapters)

/** What a study found, chapter by chapter; those that could not be asked are not there. */
export type Summary = {
  readonly [K in ChapterKey]?: z.infer<(typeof chapters)[K]['schema']> | undefined
}
export const Summary = byChapter(chapter => chapter.schema) as z.ZodType<Summary>

/** What is known of one unit of one network. */
export type UnitFacts = {
  readonly [K in ChapterKey]?: UnitOf<(typeof chapters)[K]> | undefined
}
type UnitOf<T> = T extends { unit?: z.ZodType<infer U> } ? U : never
export const UnitFacts = byChapter(chapter => chapter.unit) as z.ZodType<UnitFacts>

// The types of both follow the list; TypeScript cannot follow Object.entries.
function byChapter(schemaOf: (chapter: Chapter) => z.ZodType | undefined): z.ZodType {
  const entries = chapterList.flatMap(([key, chapter]) => {
    const schema = schemaOf(chapter)
    return schema === undefined ? [] : [[key, schema.optional()] as const]
  })
  return z.object(Object.fromEntries(entries))
}
