// What each unit is for: what breaks when it alone is switched off.

import { z } from 'zod'
import { gaussianNoise } from '../../distort/index.ts'
import { type Ablation, ablationCsv, ablation as ablationProbe } from '../../probe/index.ts'
import { Estimate, wilson } from '../../probe/statistics.ts'
import type { Answers } from '../answers.ts'
import type { Chapter } from '../chapter.ts'
import { Pair, PairOf, pairOf, type Role, roles } from '../pair.ts'
import type { TaskPair } from '../task.ts'

const Settings = z.strictObject({
  /** Images of each set that are judged without each unit. */
  images: z.int().positive().default(240),
  /** Units of each network in the report's table. */
  strongest: z.int().positive().max(50).default(8),
})
type Settings = z.infer<typeof Settings>

/** What changes when one unit is switched off. */
const UnitUse = z.object({
  /** Images decided by shape, by texture, and no longer without the unit. */
  shape: z.number(),
  texture: z.number(),
  /** Shape bias without the unit less shape bias with it; null where no decision is for either cue. */
  change: Estimate.nullable(),
  /** The same of accuracy, per condition. */
  accuracy: z.array(z.number()),
  /** Concepts on whose images decisions change: in what share of the images that show them, most changed first. */
  concepts: z.array(z.object({ concept: z.string(), share: z.number() })),
})

const Needed = z.object({ forShape: Pair, forTexture: Pair, forBoth: Pair })

const Summary = z.object({
  /** The networks as they are, on the cue-conflict images. */
  intact: PairOf(
    z.object({
      images: z.number(),
      shape: z.number(),
      texture: z.number(),
      shapeBias: z.number().nullable(),
    }),
  ),
  /** What `accuracy` is about, in its order; `attacked`: images that PGD made against the whole network. */
  conditions: z.array(z.object({ name: z.string(), images: z.number(), right: PairOf(z.number()) })),
  /** Shares of the units that some decision by shape, by texture, or one of either hangs on. */
  layers: z.array(Needed.extend({ layer: z.string(), units: z.number() })),
  network: Needed,
  /** The units that change shape bias most, strongest first. */
  strongest: PairOf(z.array(UnitUse.extend({ layer: z.string(), channel: z.number() }))),
})
type Summary = z.infer<typeof Summary>

export const ablation: Chapter<Summary, Settings, z.infer<typeof UnitUse>> = {
  schema: Summary,
  settings: Settings,
  unit: UnitUse,

  plan({ config, names, data, layers, evidence, ask }, settings) {
    const { images, cueConflict, concepts } = data
    if (cueConflict === undefined || layers.length === 0) return undefined
    const { norm, epsilon, steps } = config.attack
    const judged = {
      images,
      distortions: config.noise.slice(0, 1).map(sigma => gaussianNoise(sigma)),
      attack: { norm, epsilon, steps },
      ...(concepts && { concepts }),
    }
    const probe = ablationProbe({
      ...{ cueConflict, layers, limit: settings.images },
      // The claim is about cue-conflict images alone.
      ...(evidence && judged),
    })
    const tasks = ask('ablation', probe)
    return {
      tasks: [tasks.standard, tasks.robust],
      summarise: answers => summarise(tasks, settings.strongest, answers),
      files: answers =>
        Object.fromEntries(
          roles.map(role => [`ablation-${fileName(names[role])}.csv`, ablationCsv(answers.of(tasks[role]))]),
        ),
      units: (answers, role) =>
        usesOf(answers.of(tasks[role])).map(({ layer, units }) => ({
          layer,
          units: units.map(({ channel: _, ...use }) => use),
        })),
    }
  },

  claims: ({ network, layers }, { standard: s, robust: r }) => [
    {
      id: 'needed-for-both',
      claim: 'Most units of the robust network matter for shape and for texture',
      measure: 'share of units without which some decision by shape and some by texture is lost',
      unit: 'percent',
      higher: 'robust',
      pair: network.forBoth,
      parts: layers.map(({ layer, forBoth }) => ({ label: layer, ...forBoth })),
      sentence: (_, text) =>
        `${text.r} of the units of ${r} and ${text.s} of those of ${s} are needed for decisions of both kinds`,
    },
  ],
}

function summarise(tasks: TaskPair<Ablation>, strongest: number, answers: Answers): Summary {
  const both = answers.pair(tasks, answer => answer)
  const { standard, robust } = both
  return {
    intact: pairOf(role => both[role].intact),
    conditions: standard.conditions.map(({ name, images, right }, i) => ({
      name,
      images,
      right: { standard: right, robust: robust.conditions[i]?.right ?? 0 },
    })),
    layers: standard.layers.map((own, i) => ({
      layer: own.layer,
      units: own.units.length,
      ...needed(role => both[role].layers.slice(i, i + 1)),
    })),
    network: needed(role => both[role].layers),
    strongest: pairOf(role =>
      usesOf(both[role])
        .flatMap(({ layer, units }) => units.map(unit => ({ layer, ...unit })))
        .sort((a, b) => Math.abs(b.change?.value ?? 0) - Math.abs(a.change?.value ?? 0))
        .slice(0, strongest),
    ),
  }
}

function needed(layersOf: (role: Role) => Ablation['layers']): z.infer<typeof Needed> {
  const share = (isNeeded: (unit: { shape: number; texture: number }) => boolean) =>
    pairOf(role => {
      const units = layersOf(role).flatMap(layer => layer.units)
      return wilson(units.filter(isNeeded).length, units.length)
    })
  return {
    forShape: share(unit => unit.shape > 0),
    forTexture: share(unit => unit.texture > 0),
    forBoth: share(unit => unit.shape > 0 && unit.texture > 0),
  }
}

/** How many concepts are told per unit; the CSV has all. */
const TOLD = 3

function usesOf({ conditions, concepts, layers }: Ablation) {
  return layers.map(({ layer, units }) => ({
    layer,
    units: units.map(({ channel, shape, texture, shapeBiasChange, lost, gained, changed }) => ({
      channel,
      shape,
      texture,
      change: shapeBiasChange,
      accuracy: conditions.map(({ images }, i) => (gained[i]! - lost[i]!) / images),
      concepts: concepts
        .map(({ concept, images }, i) => ({ concept, share: changed[i]! / images }))
        .filter(({ share }) => share > 0)
        .sort((a, b) => b.share - a.share)
        .slice(0, TOLD),
    })),
  }))
}

/** A network's name as part of a file's. */
function fileName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9._-]+/g, '-')
}
