// Simplicity bias 2: which concepts the units detect, by Network Dissection.

import { z } from 'zod'
import { type Dissection, dissection } from '../../probe/index.ts'
import { wilson } from '../../probe/statistics.ts'
import type { Answers } from '../answers.ts'
import type { Chapter } from '../chapter.ts'
import type { Claim } from '../claim.ts'
import { unitPictureName, unitPicturesTask } from '../evidence/unit-pictures.ts'
import { Pair, PairOf, pairOf } from '../pair.ts'
import { Picture } from '../picture.ts'
import type { TaskPair } from '../task.ts'

const Settings = z.strictObject({
  /** A unit detects its best concept when the IoU is above this. */
  minimumIou: z.number().min(0).max(1).default(0.04),
  /** A unit is on at the positions above this quantile of its activations. */
  quantile: z.number().min(0.5).max(0.9999).default(0.995),
  /** Images shown on a unit's page. */
  pictures: z.int().nonnegative().max(25).default(6),
})
type Settings = z.infer<typeof Settings>

/** Detectors of one category: their share of the units, their numbers, how many concepts they detect. */
const Category = Pair.extend({
  category: z.string(),
  detectors: PairOf(z.number()),
  concepts: PairOf(z.number()),
})

const Summary = z.object({
  images: z.number(),
  minimumIou: z.number(),
  quantile: z.number(),
  units: z.number(),
  /** Over all layers. */
  categories: z.array(Category),
  layers: z.array(z.object({ layer: z.string(), units: z.number(), categories: z.array(Category) })),
})
type Summary = z.infer<typeof Summary>

/** Of one unit: its best concept of every category, best first, and its top images with its map on them. */
const UnitConcepts = z.object({
  scores: z.array(z.object({ concept: z.string(), category: z.string(), iou: z.number() })),
  detects: z.boolean(),
  picture: Picture.optional(),
})
type UnitConcepts = z.infer<typeof UnitConcepts>

export const concepts: Chapter<Summary, Settings, UnitConcepts> = {
  schema: Summary,
  settings: Settings,
  unit: UnitConcepts,

  plan({ models, names, data, layers, evidence, encodeWebp, ask }, { minimumIou, quantile, pictures }) {
    if (data.concepts === undefined || layers.length === 0) return undefined
    const masks = data.concepts
    const tasks = ask(
      'concepts',
      dissection(masks, { layers, minimumIou, quantile, top: Math.max(1, pictures) }),
    )
    const drawn =
      evidence && pictures > 0
        ? pairOf(role => unitPicturesTask(models[role], names[role], masks, tasks[role], encodeWebp))
        : undefined
    return {
      tasks: [tasks.standard, tasks.robust, ...(drawn ? [drawn.standard, drawn.robust] : [])],
      summarise: answers => summarise(tasks, masks.categories, answers),
      units(answers, role) {
        const shown = drawn && new Set(answers.of(drawn[role]).pictures)
        return answers.of(tasks[role]).layers.map(({ layer, units }, place) => ({
          layer,
          units: units.map(({ channel, scores }) => {
            const name = unitPictureName(place, channel)
            return {
              scores: scores.map(({ concept, category, iou }) => ({ concept, category, iou })),
              detects: (scores[0]?.iou ?? 0) > minimumIou,
              ...(drawn && shown?.has(name) && { picture: answers.picture(drawn[role], name) }),
            }
          }),
        }))
      },
    }
  },

  claims(summary, { standard: s, robust: r }) {
    const about = (category: string, noun: string, higher: Claim['higher']): Claim[] => {
      const found = summary.categories.find(candidate => candidate.category === category)
      if (found === undefined) return []
      const { standard, robust, detectors } = found
      return [
        {
          id: `${noun}-detectors`,
          claim: `The robust network has ${higher === 'robust' ? 'more' : 'fewer'} units that detect ${noun}s`,
          measure: `share of units that detect ${noun === 'object' ? 'an' : 'a'} ${noun} (IoU above ${summary.minimumIou})`,
          unit: 'percent',
          higher,
          bias: 'concepts',
          topic: `${noun} detectors`,
          pair: { standard, robust },
          parts: summary.layers.flatMap(({ layer, categories }) => {
            const own = categories.find(candidate => candidate.category === category)
            return own === undefined ? [] : [{ label: layer, standard: own.standard, robust: own.robust }]
          }),
          sentence: (_, text) =>
            `of ${summary.units} units, ${detectors.robust} in ${r} (${text.r}) detect a${noun === 'object' ? 'n' : ''} ${noun}, ${detectors.standard} in ${s} (${text.s})`,
        },
      ]
    }
    return [
      ...about('color', 'colour', 'robust'),
      ...about('texture', 'texture', 'robust'),
      ...about('object', 'object', 'standard'),
    ]
  },
}

function summarise(tasks: TaskPair<Dissection>, categories: readonly string[], answers: Answers): Summary {
  const both = answers.pair(tasks, answer => answer)
  const { images, minimumIou, quantile } = both.standard
  const layers = both.standard.layers.map(({ layer, units }, i) => {
    const own = pairOf(role => both[role].layers.slice(i, i + 1))
    return { layer, units: units.length, categories: categoriesOf(own, categories, minimumIou) }
  })
  return {
    images,
    minimumIou,
    quantile,
    units: layers.reduce((sum, layer) => sum + layer.units, 0),
    categories: categoriesOf(
      pairOf(role => both[role].layers),
      categories,
      minimumIou,
    ),
    layers,
  }
}

/** Counts the detectors of these layers by the category of their best concept. */
function categoriesOf(
  layers: PairOf<Dissection['layers']>,
  categories: readonly string[],
  minimumIou: number,
): z.infer<typeof Category>[] {
  return categories.map(category => {
    const counted = pairOf(role => {
      const units = layers[role].flatMap(layer => layer.units)
      const found = units.flatMap(({ scores: [best] }) =>
        best !== undefined && best.category === category && best.iou > minimumIou ? [best.concept] : [],
      )
      return {
        detectors: found.length,
        concepts: new Set(found).size,
        share: wilson(found.length, units.length),
      }
    })
    return {
      category,
      ...pairOf(role => counted[role].share),
      detectors: pairOf(role => counted[role].detectors),
      concepts: pairOf(role => counted[role].concepts),
    }
  })
}
