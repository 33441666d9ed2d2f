// Under attack: accuracy against the attacker's budget, and some of the attacks to look at.

import { z } from 'zod'
import {
  type AdversarialAccuracy,
  adversarialAccuracy,
  compareAccuracy,
  PairedComparison,
} from '../../probe/index.ts'
import { wilson } from '../../probe/statistics.ts'
import type { Answers } from '../answers.ts'
import type { BaseConfig } from '../base-config.ts'
import type { Chapter } from '../chapter.ts'
import { type Examples, examplesTask } from '../evidence/examples.ts'
import { Pair, PairOf, pairOf } from '../pair.ts'
import { Picture } from '../picture.ts'
import type { Task, TaskPair } from '../task.ts'

/** One image attacked, as one network sees it. */
const Example = z.object({
  label: z.string(),
  before: z.string(),
  after: z.string(),
  distance: z.number(),
  image: Picture,
  perturbation: Picture,
})

const Summary = z.object({
  norm: z.enum(['L2', 'Linf']),
  steps: z.number(),
  images: z.number(),
  /** The radius that the finding is about. */
  epsilon: z.number(),
  /** By ascending radius, from 0 on. */
  points: z.array(Pair.extend({ epsilon: z.number() })),
  /** R minus S at that radius, image by image. */
  difference: PairedComparison,
  examples: z
    .object({
      /** The perturbation's contrast was multiplied by this much. */
      amplification: z.number(),
      rows: z.array(PairOf(Example).extend({ original: Picture })),
    })
    .optional(),
})
type Summary = z.infer<typeof Summary>

/** Accuracy under attack at one radius. */
interface Point {
  readonly epsilon: number
  readonly tasks: TaskPair<AdversarialAccuracy>
}

export const robustness: Chapter<Summary> = {
  schema: Summary,

  plan({ config, models, data: { images }, evidence, encodePng, ask }) {
    const { attack, seed } = config
    const { norm, steps, epsilon } = attack
    const radii = evidence ? [...new Set([...attack.curve, epsilon])].sort((a, b) => a - b) : [epsilon]
    const points = radii.map(radius => ({
      epsilon: radius,
      tasks: ask(
        `PGD-${steps} ${norm} ${radius}`,
        adversarialAccuracy({ data: images, norm, epsilon: radius, steps, images: attack.images }),
      ),
    }))
    const count = evidence ? config.evidence.examples : 0
    const examples =
      count > 0 ? examplesTask(models, images, { norm, epsilon, steps, count, seed }, encodePng) : undefined
    return {
      tasks: [
        ...(examples ? [examples] : []),
        ...points.flatMap(({ tasks }) => [tasks.standard, tasks.robust]),
      ],
      summarise: answers => summarise(attack, points, examples, answers),
      decisions: (answers, role) =>
        points.map(({ epsilon: radius, tasks }) => {
          const { classes, perImage } = answers.of(tasks[role])
          return { condition: `pgd-${norm}-${radius}`, classes, ...perImage }
        }),
    }
  },

  claims({ norm, steps, epsilon, points, difference }, { standard: s, robust: r }) {
    const point = points.find(candidate => candidate.epsilon === epsilon)
    if (point === undefined) return []
    const { standard, robust } = point
    const attack = `PGD-${steps} (${norm}, ${epsilon})`
    return [
      {
        id: 'robustness',
        claim: 'The robust network withstands the attack that breaks the standard one',
        measure: `accuracy under ${attack}`,
        unit: 'percent',
        higher: 'robust',
        pair: { standard, robust },
        difference,
        sentence: (_, text) =>
          `under ${attack} ${r} still classifies ${text.r} of the images correctly, ${s} ${text.s}${times(point)}`,
      },
    ]
  },
}

function summarise(
  { norm, steps, epsilon }: BaseConfig['attack'],
  points: readonly Point[],
  examples: Task<Examples> | undefined,
  answers: Answers,
): Summary {
  const [first] = points
  if (first === undefined) throw new Error('a curve needs a point')
  const claimed = points.find(point => point.epsilon === epsilon) ?? first
  const unattacked = answers.pair(first.tasks, ({ cleanAccuracy, images }) =>
    wilson(Math.round(cleanAccuracy * images), images),
  )
  return {
    norm,
    steps,
    epsilon,
    images: answers.of(first.tasks.standard).images,
    points: [
      { epsilon: 0, ...unattacked },
      ...points.map(point => ({
        epsilon: point.epsilon,
        ...answers.pair(point.tasks, answer => answer.accuracy),
      })),
    ],
    difference: compareAccuracy(answers.of(claimed.tasks.robust), answers.of(claimed.tasks.standard)),
    ...(examples && { examples: exampleRows(examples, answers) }),
  }
}

function exampleRows(task: Task<Examples>, answers: Answers): NonNullable<Summary['examples']> {
  const { amplification, rows } = answers.of(task)
  return {
    amplification,
    rows: rows.map((row, i) => ({
      original: answers.picture(task, `original-${i}`),
      ...pairOf(role => ({
        label: row.label,
        ...row[role],
        image: answers.picture(task, `${role}-${i}`),
        perturbation: answers.picture(task, `${role}-perturbation-${i}`),
      })),
    })),
  }
}

/** How many times as many, when it is worth saying. */
function times({ standard, robust }: Pair): string {
  if (standard.value === 0) return ''
  const ratio = robust.value / standard.value
  return ratio >= 2 ? `: ${ratio < 10 ? ratio.toFixed(1) : ratio.toFixed(0)} times as many` : ''
}
