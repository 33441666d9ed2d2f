// Simplicity bias 1: how smooth the learned kernels are, layer by layer.

import { z } from 'zod'
import { type Smoothness, smoothness as smoothnessProbe } from '../../probe/index.ts'
import type { Answers } from '../answers.ts'
import type { Chapter } from '../chapter.ts'
import { type Claim, list, type Verdict, verdictOf } from '../claim.ts'
import { filtersTask } from '../evidence/filters.ts'
import { Pair, PairOf, pairOf } from '../pair.ts'
import { Picture } from '../picture.ts'
import type { TaskPair } from '../task.ts'

const Summary = z.object({
  /** Total variation of unit-norm kernels, from the first layer on. */
  layers: z.array(Pair.extend({ layer: z.string(), units: z.number() })),
  /** The same over all kernels of the network. */
  network: Pair,
  /** The kernels of the first layer. */
  filters: PairOf(Picture).extend({ layer: z.string() }).optional(),
})
type Summary = z.infer<typeof Summary>

/** Of one unit: mean total variation of its kernels, each scaled to length 1. */
const UnitSmoothness = z.object({ variation: z.number() })

export const smoothness: Chapter<Summary, unknown, z.infer<typeof UnitSmoothness>> = {
  schema: Summary,
  unit: UnitSmoothness,

  plan({ config, models, names, evidence, encodePng, ask }) {
    const tasks = ask('smoothness', smoothnessProbe({ resamples: config.resamples }))
    const filters = evidence ? pairOf(role => filtersTask(models[role], names[role], encodePng)) : undefined
    return {
      tasks: [tasks.standard, tasks.robust, ...(filters ? [filters.standard, filters.robust] : [])],
      summarise: answers => ({
        ...measured(tasks, answers),
        ...(filters && {
          filters: {
            layer: answers.of(filters.standard).layer,
            ...answers.pictures(filters, 'filters'),
          },
        }),
      }),
      units: (answers, role) =>
        answers.of(tasks[role]).layers.map(({ layer, perUnit }) => ({
          layer,
          units: perUnit.unitNorm.map(variation => ({ variation })),
        })),
    }
  },

  claims({ layers, network }, { standard: s, robust: r }) {
    const [first] = layers
    return [
      ...(first ? [firstLayer(first, s, r)] : []),
      {
        id: 'smooth-network',
        claim: 'The kernels of the robust network are smoother throughout',
        measure: 'total variation of unit-norm kernels, mean over the network',
        unit: 'number',
        higher: 'standard',
        bias: 'smoothness',
        topic: 'total variation of kernels',
        pair: network,
        parts: layers.map(({ layer, standard, robust }) => ({ label: layer, standard, robust })),
        sentence: (verdict, text) =>
          `${
            verdict === 'not at this size'
              ? `over the whole network total variation is ${text.r} in ${r} and ${text.s} in ${s}, with intervals that overlap`
              : `over the whole network the kernels are ${smoother(verdict)} in ${r} (${text.r}) than in ${s} (${text.s})`
          }: ${byLayer(layers, r)}`,
      },
    ]
  },
}

/** The layers of both networks side by side; those that only one of them has are left out. */
function measured(tasks: TaskPair<Smoothness>, answers: Answers): Summary {
  const { standard, robust } = answers.pair(tasks, answer => answer)
  return {
    layers: standard.layers.flatMap(own => {
      const other = robust.layers.find(({ layer }) => layer === own.layer)
      return other === undefined
        ? []
        : [{ layer: own.layer, units: own.units, standard: own.unitNorm, robust: other.unitNorm }]
    }),
    network: { standard: standard.network.unitNorm, robust: robust.network.unitNorm },
  }
}

function firstLayer({ layer, standard, robust }: Summary['layers'][number], s: string, r: string): Claim {
  return {
    id: 'smooth-first-layer',
    claim: 'The first layer of the robust network is smoother',
    measure: `total variation of unit-norm kernels in ${layer}`,
    unit: 'number',
    higher: 'standard',
    pair: { standard, robust },
    sentence: (verdict, text) =>
      verdict === 'not at this size'
        ? `the total variation of ${layer} is ${text.r} in ${r} and ${text.s} in ${s}, with intervals that overlap`
        : `the kernels of ${layer} are ${smoother(verdict)} in ${r} (total variation ${text.r}) than in ${s} (${text.s})`,
  }
}

function smoother(verdict: Exclude<Verdict, 'not at this size'>): string {
  return verdict === 'reproduced' ? 'smoother' : 'rougher'
}

/** `smoother in conv1, rougher in conv2, conv3` */
function byLayer(layers: Summary['layers'], r: string): string {
  const groups = (
    [
      ['reproduced', 'smoother'],
      ['not at this size', 'not clearly different'],
      ['reversed', 'rougher'],
    ] as const
  )
    .map(([verdict, word]) => ({
      word,
      layers: layers.filter(layer => verdictOf(layer, 'standard') === verdict).map(layer => layer.layer),
    }))
    .filter(group => group.layers.length > 0)
  return `${r} is ${groups.map(group => `${group.word} in ${list(group.layers)}`).join(', ')}`
}
