// What is left when a cue is taken away: accuracy on clean images, without texture, without shape, scrambled,
// under noise.

import { z } from 'zod'
import { gaussianNoise, scramble } from '../../distort/index.ts'
import {
  type Accuracy,
  accuracy as accuracyProbe,
  compareAccuracy,
  PairedComparison,
  type Probe,
} from '../../probe/index.ts'
import type { Chapter } from '../chapter.ts'
import type { Claim } from '../claim.ts'
import { Pair } from '../pair.ts'

const Condition = Pair.extend({
  /** `clean`, `shape-only`, `texture-only`, `scrambled`, `noise-0.1` */
  id: z.string(),
  /** As the report calls it. */
  label: z.string(),
  images: z.number(),
  /** Accuracy of guessing. */
  chance: z.number(),
  /** R minus S, image by image. */
  difference: PairedComparison,
})

/** Accuracies by condition, in the order of the report. */
const Summary = z.array(Condition)

export const accuracy: Chapter<z.infer<typeof Summary>> = {
  schema: Summary,

  plan({ config, models, data, ask }) {
    const { images, shapeOnly, textureOnly } = data
    const [height, width] = models.standard.preprocessing.size
    const condition = (id: string, label: string, probe: Probe<Accuracy>) => ({
      id,
      label,
      tasks: ask(label, probe),
    })
    const conditions = [
      condition('clean', 'clean', accuracyProbe({ data: images })),
      ...(shapeOnly ? [condition('shape-only', 'shape only', accuracyProbe({ data: shapeOnly }))] : []),
      ...(textureOnly
        ? [condition('texture-only', 'texture only', accuracyProbe({ data: textureOnly }))]
        : []),
      ...(height % 2 === 0 && width % 2 === 0
        ? [
            condition(
              'scrambled',
              'quarters exchanged',
              accuracyProbe({ data: images, distortion: scramble() }),
            ),
          ]
        : []),
      ...config.noise.map(sigma =>
        condition(
          `noise-${sigma}`,
          `Gaussian noise, sigma ${sigma}`,
          accuracyProbe({ data: images, distortion: gaussianNoise(sigma) }),
        ),
      ),
    ]
    return {
      tasks: conditions.flatMap(({ tasks }) => [tasks.standard, tasks.robust]),
      summarise: answers =>
        conditions.map(({ id, label, tasks }) => ({
          id,
          label,
          images: answers.of(tasks.standard).images,
          chance: 1 / images.classes.length,
          ...answers.pair(tasks, answer => answer.accuracy),
          difference: compareAccuracy(answers.of(tasks.robust), answers.of(tasks.standard)),
        })),
      decisions: (answers, role) =>
        conditions.map(({ id, tasks }) => {
          const { classes, perImage } = answers.of(tasks[role])
          return { condition: id, classes, ...perImage }
        }),
    }
  },

  claims(conditions, { standard: s, robust: r }) {
    const claimOn = (
      condition: string,
      claim: Pick<Claim, 'id' | 'claim' | 'measure' | 'higher' | 'sentence'>,
    ): Claim[] => {
      const found = conditions.find(({ id }) => id === condition)
      if (found === undefined) return []
      const { standard, robust, difference } = found
      return [{ ...claim, unit: 'percent', pair: { standard, robust }, difference }]
    }
    return [
      ...claimOn('clean', {
        id: 'clean-cost',
        claim: 'Robustness costs accuracy on clean images',
        measure: 'accuracy on clean images',
        higher: 'standard',
        sentence: (_, text) => `${s} classifies ${text.s} of the clean images correctly, ${r} ${text.r}`,
      }),
      ...claimOn('shape-only', {
        id: 'shape-only',
        claim: 'The robust network is ahead where texture is gone',
        measure: 'accuracy on silhouettes filled with one colour',
        higher: 'robust',
        sentence: (_, text) =>
          `from the shape alone ${r} recognises ${text.r} of the objects, ${s} ${text.s}`,
      }),
      ...claimOn('texture-only', {
        id: 'texture-only',
        claim: 'The standard network is ahead where shape is gone',
        measure: 'accuracy on texture without an object',
        higher: 'standard',
        sentence: (_, text) =>
          `from the texture alone ${s} recognises ${text.s} of the classes, ${r} ${text.r}`,
      }),
    ]
  },
}
