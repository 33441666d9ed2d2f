// From a config, two networks and data to the tasks of a study, chapter by chapter, and from their answers back
// to what was found.

import type { Classifier } from '../classifier/classifier.ts'
import { inferShapes } from '../onnx/infer.ts'
import type { Answers } from './answers.ts'
import { asking, type Encode, type PlannedChapter } from './chapter.ts'
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
  readonly encodePng: Encode
  readonly encodeWebp: Encode
  /** Plan the report's pictures too (default), or only what the claims need. */
  readonly evidence?: boolean
}

export interface Plan {
  readonly chapters: readonly { readonly key: string; readonly chapter: PlannedChapter }[]
  /** Names of the layers of maps that both networks have, in order. */
  readonly layers: readonly string[]
  /** Of all chapters, in the order in which they are run. */
  readonly tasks: readonly Task[]
}

/** The tasks of a study; none has been run. A chapter that the config sets to false is left out. */
export function planStudy(options: PlanOptions): Plan {
  const { config, models, evidence = true } = options
  const names = namesOf(config)
  const robustLayers = new Set(layersOfMaps(models.robust))
  const asked = {
    ...options,
    names,
    layers: layersOfMaps(models.standard).filter(name => robustLayers.has(name)),
    evidence,
    ask: asking(models, names, config.seed),
  }
  const chapters = chapterList.flatMap(([key, chapter]) => {
    const settings = config.chapters[key]
    const planned = settings === false ? undefined : chapter.plan(asked, settings)
    return planned === undefined ? [] : [{ key, chapter: planned }]
  })
  return { chapters, layers: asked.layers, tasks: chapters.flatMap(({ chapter }) => chapter.tasks) }
}

/** Names of the layers whose activations are maps, `[n, units, h, w]`. */
function layersOfMaps({ graph, layers }: Classifier): string[] {
  const types = inferShapes(graph)
  return layers.filter(({ value }) => types.get(value)?.shape.length === 4).map(layer => layer.name)
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
    const claims = part === undefined ? [] : (chapter.claims?.(part, names) ?? [])
    return claims.map(claim => ({ ...claim, chapter: key }))
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
