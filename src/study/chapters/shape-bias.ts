// Shape or texture: what decides where the two disagree.

import { z } from 'zod'
import {
  compareShapeBias,
  PairedComparison,
  type ShapeBias,
  shapeBias as shapeBiasProbe,
} from '../../probe/index.ts'
import { Estimate } from '../../probe/statistics.ts'
import { Random } from '../../tensor/random.ts'
import type { Answers } from '../answers.ts'
import type { Chapter } from '../chapter.ts'
import { type Samples, samplesTask } from '../evidence/samples.ts'
import { PairOf } from '../pair.ts'
import { Picture } from '../picture.ts'
import type { Task, TaskPair } from '../task.ts'

/** A shape bias is null where no decision was for either cue, and so is a difference from it. */
const Summary = PairOf(Estimate.nullable()).extend({
  images: z.number(),
  /** R minus S, image by image. */
  difference: PairedComparison.nullable(),
  /** Shape hits, texture hits and decisions for neither. */
  decisions: PairOf(z.object({ shape: z.number(), texture: z.number(), other: z.number() })),
  categories: z.array(
    z.object({ name: z.string(), standard: z.number().nullable(), robust: z.number().nullable() }),
  ),
  /** Some of the images, and what both networks make of them. */
  samples: z
    .object({
      pictures: z.array(Picture),
      decisions: z.array(
        z.object({ shape: z.string(), texture: z.string(), standard: z.string(), robust: z.string() }),
      ),
    })
    .optional(),
})
type Summary = z.infer<typeof Summary>

export const shapeBias: Chapter<Summary> = {
  schema: Summary,

  plan({ config, data: { cueConflict }, evidence, encodePng, ask }) {
    if (cueConflict === undefined) return undefined
    const { seed, resamples } = config
    const tasks = ask('shape bias', shapeBiasProbe({ data: cueConflict, resamples }))
    const count = evidence ? config.evidence.samples : 0
    const samples = count > 0 ? samplesTask(cueConflict, count, seed, encodePng) : undefined
    return {
      tasks: [tasks.standard, tasks.robust, ...(samples ? [samples] : [])],
      summarise: answers => summarise(tasks, samples, answers, { random: new Random(seed), resamples }),
      decisions(answers, role) {
        const { classes, perImage } = answers.of(tasks[role])
        return [{ condition: 'cue-conflict', classes, ...perImage, labels: perImage.shapes }]
      },
    }
  },

  claims({ standard, robust, difference }, { standard: s, robust: r }) {
    if (standard === null || robust === null || difference === null) return []
    return [
      {
        id: 'shape-bias',
        claim: 'Adversarial training turns a texture-biased network into a shape-biased one',
        measure: 'shape bias on cue-conflict images',
        unit: 'percent',
        higher: 'robust',
        pair: { standard, robust },
        difference,
        sentence: (verdict, text) =>
          ({
            reproduced: `where shape and texture disagree, ${r} decides by shape in ${text.r} of its decisions, ${s} in ${text.s}`,
            'not at this size': `${r} (${text.r}) and ${s} (${text.s}) decide by shape about equally often`,
            reversed: `${r} decides by shape less often (${text.r}) than ${s} (${text.s})`,
          })[verdict],
      },
    ]
  },
}

function summarise(
  tasks: TaskPair<ShapeBias>,
  samples: Task<Samples> | undefined,
  answers: Answers,
  options: { readonly random: Random; readonly resamples: number },
): Summary {
  const { standard, robust } = answers.pair(tasks, answer => answer)
  const className = (index: number | undefined) => standard.classes[index ?? -1] ?? 'another class'
  return {
    standard: standard.shapeBias,
    robust: robust.shapeBias,
    images: standard.images,
    difference: compareShapeBias(robust, standard, options),
    decisions: { standard: standard.hits, robust: robust.hits },
    categories: standard.categories.map(({ name, shapeBias }, i) => ({
      name,
      standard: shapeBias,
      robust: robust.categories[i]?.shapeBias ?? null,
    })),
    ...(samples && {
      samples: {
        pictures: answers.of(samples).places.map((_, i) => answers.picture(samples, `sample-${i}`)),
        decisions: answers.of(samples).places.map(place => ({
          shape: className(standard.perImage.shapes[place]),
          texture: className(standard.perImage.textures[place]),
          standard: className(standard.perImage.decisions[place]),
          robust: className(robust.perImage.decisions[place]),
        })),
      },
    }),
  }
}
