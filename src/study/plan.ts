// From a config, two networks and data to the tasks of a study, chapter by chapter, and from their answers back
// to what was found.

import type { Classifier } from '../classifier/classifier.ts'
import type { Pixels } from '../image/pixels.ts'
import type { Answers } from './answers.ts'
import { asking, type PlannedChapter } from './chapter.ts'
import { chapterList, Summary } from './chapters.ts'
import { type Claim, type Finding, findingsFrom } from './claim.ts'
import type { StudyConfig } from './config.ts'
import type { Names, PairOf } from './pair.ts'
import type { StudyData } from './study-data.ts'
import type { Task } from './task.ts'

export interface PlanOptions {
  readonly config: StudyConfig
  readonly models: PairOf<Classifier>
  readonly data: StudyData
  readonly encodePng: (image: Pixels) => Promise<Uint8Array>
  /** Plan the report's pictures too (default), or only what the claims need. */
  readonly evidence?: boolean
}

export interface Plan {
  readonly chapters: readonly { readonly key: string; readonly chapter: PlannedChapter }[]
  /** Of all chapters, in the order in which they are run. */
  readonly tasks: readonly Task[]
}

/** The tasks of a study; none has been run. A chapter that the config sets to false is left out. */
export function planStudy({ config, models, data, encodePng, evidence = true }: PlanOptions): Plan {
  const names = namesOf(config)
  const robustLayers = new Set(models.robust.layers.map(layer => layer.name))
  const asked = {
    config,
    models,
    names,
    data,
    layers: models.standard.layers.map(layer => layer.name).filter(name => robustLayers.has(name)),
    evidence,
    encodePng,
    ask: asking(models, names, config.seed),
  }
  const chapters = chapterList.flatMap(([key, chapter]) => {
    const settings = config.chapters[key]
    const planned = settings === false ? undefined : chapter.plan(asked, settings)
    return planned === undefined ? [] : [{ key, chapter: planned }]
  })
  return { chapters, tasks: chapters.flatMap(({ chapter }) => chapter.tasks) }
}

/** What the report shows. */
export function summarise(plan: Plan, answers: Answers): Summary {
  return Summary.parse(
    Object.fromEntries(plan.chapters.map(({ key, chapter }) => [key, chapter.summarise(answers)])),
  )
}

/** The claims that `summary` decides, in the order in which the report tells them. */
export function claimsOf(summary: Summary, names: Names): Claim[] {
  const parts: Readonly<Record<string, unknown>> = summary
  return chapterList.flatMap(([key, chapter]) => {
    const part = parts[key]
    return part === undefined ? [] : (chapter.claims?.(part, names) ?? [])
  })
}

/** What comes of each claim. */
export function findingsOf(summary: Summary, names: Names): Finding[] {
  return findingsFrom(claimsOf(summary, names))
}

/** What people call the networks. */
export function namesOf({ models }: Pick<StudyConfig, 'models'>): Names {
  return { standard: models.standard.name, robust: models.robust.name }
}
