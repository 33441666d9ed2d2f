// Out of distribution (section 3 of the paper): what is left of the images that both networks classify correctly when
// a cue is taken away. Clean accuracies differ; on this set both start from 100 %, so that what falls is the cue.

import { z } from 'zod'
import { gaussianNoise, scramble } from '../../distort/index.ts'
import {
  type Accuracy,
  accuracy,
  adversarialAccuracy,
  compareShares,
  cueConditions,
  cueCurves,
  holm,
  PairedComparison,
  rightOf,
  significanceLevel,
  wilson,
} from '../../probe/index.ts'
import type { Answers } from '../answers.ts'
import type { Asked, Chapter } from '../chapter.ts'
import type { Claim } from '../claim.ts'
import { stylisedTask } from '../evidence/stylised.ts'
import { Pair, type PairOf, pairOf, type Role } from '../pair.ts'
import type { Task, TaskPair } from '../task.ts'

const Takes = z.enum(['texture', 'shape', 'colour', 'quality'])
type Takes = z.infer<typeof Takes>

const Row = Pair.extend({
  /** `silhouette`, `scrambled-2`, `noise-0.08`, `adversarial` */
  id: z.string(),
  label: z.string(),
  /** What is taken away. */
  takes: Takes,
  /** Images of the set that were asked about. */
  images: z.number(),
  /** R minus S, image by image. */
  difference: PairedComparison,
  /** p after Holm's correction for the rows of this table. */
  corrected: z.number(),
  ahead: z.enum(['standard', 'robust', 'neither']),
})

const Summary = z.object({
  /** How many images both networks classify correctly, of how many. */
  both: z.number(),
  of: z.number(),
  rows: z.array(Row),
})
type Summary = z.infer<typeof Summary>

interface Condition {
  readonly id: string
  readonly label: string
  readonly takes: Takes
  readonly tasks: readonly Task[]
  of(answers: Answers): PairOf<Accuracy>
}

const Settings = z.strictObject({
  /** How many images are put in the style of others for one row; 0 leaves it out. */
  stylised: z.int().nonnegative().default(128),
})
type Settings = z.infer<typeof Settings>

export const distortions: Chapter<Summary, Settings> = {
  schema: Summary,
  settings: Settings,

  plan(asked, settings) {
    const clean = asked.ask('clean', accuracy({ data: asked.data.images }))
    const conditions = conditionsOf(asked, settings)
    return {
      tasks: [clean.standard, clean.robust, ...conditions.flatMap(({ tasks }) => tasks)],
      summarise: answers => summarise(clean, conditions, answers),
      decisions: (answers, role) =>
        conditions
          // Those that the chapter of accuracies or of attacks measures too are written there.
          .filter(({ id }) => id !== 'scrambled' && id !== 'adversarial')
          .map(condition => {
            const { classes, perImage } = condition.of(answers)[role]
            return { condition: condition.id, classes, ...perImage }
          }),
      files: answers => ({ 'both-right.txt': `${[...bothRight(clean, answers)].join('\n')}\n` }),
    }
  },

  claims({ rows }, { standard: s, robust: r }) {
    const claimOn = (
      row: Summary['rows'][number] | undefined,
      claim: Pick<Claim, 'id' | 'claim' | 'higher'>,
      how: string,
    ): Claim[] => {
      if (row === undefined) return []
      const { standard, robust, difference } = row
      return [
        {
          ...claim,
          measure: `accuracy on ${how} of images that both classify correctly`,
          unit: 'percent',
          pair: { standard, robust },
          difference,
          sentence: (_, text) =>
            `of the images that both classify correctly ${r} still recognises ${text.r} ${how === 'silhouettes' ? 'as' : 'in'} ${how}, ${s} ${text.s}`,
        },
      ]
    }
    const of = (id: string) => rows.find(row => row.id === id)
    return [
      ...claimOn(
        of('silhouette') ?? of('black-and-white'),
        {
          id: 'ood-texture',
          claim: 'The robust network keeps more when texture is taken away',
          higher: 'robust',
        },
        of('silhouette') ? 'silhouettes' : 'black and white',
      ),
      ...claimOn(
        of('scrambled'),
        {
          id: 'ood-shape',
          claim: 'The standard network keeps more when shape is taken away',
          higher: 'standard',
        },
        'exchanged quarters',
      ),
    ]
  },
}

/** A condition that each network is asked about by itself. */
function apart(facts: Pick<Condition, 'id' | 'label' | 'takes'>, tasks: TaskPair<Accuracy>): Condition {
  return {
    ...facts,
    tasks: [tasks.standard, tasks.robust],
    of: answers => answers.pair(tasks, answer => answer),
  }
}

/** What the paper does to images, as far as these can have it done; without evidence only what the claims need. */
function conditionsOf(
  { ask, config, data, models, evidence }: Asked,
  { stylised: count }: Settings,
): Condition[] {
  const { images, silhouettes } = data
  const size = models.standard.preprocessing.size
  const { norm, epsilon, steps, images: attacked } = config.attack
  const distorted = (
    id: string,
    label: string,
    takes: Takes,
    distortion: Parameters<typeof accuracy>[0]['distortion'],
  ) => apart({ id, label, takes }, ask(label, accuracy({ data: images, ...(distortion && { distortion }) })))
  const curve = (id: string) => cueCurves(size).find(found => found.id === id)?.points ?? []
  const blackAndWhite = cueConditions.find(({ id }) => id === 'black-and-white')!
  const claimed = [
    ...(silhouettes
      ? [
          apart(
            { id: 'silhouette', label: 'silhouettes', takes: 'texture' },
            ask('silhouettes', accuracy({ data: silhouettes })),
          ),
        ]
      : [distorted(blackAndWhite.id, blackAndWhite.label, 'texture', blackAndWhite.distortion)]),
    ...(curve('scrambled').some(({ x }) => x === 2)
      ? [distorted('scrambled', 'quarters exchanged', 'shape', scramble())]
      : []),
  ]
  if (!evidence) return claimed
  const styled = count > 0 ? stylisedTask(images, count, models, config.seed) : undefined
  const more: Condition[] = [
    ...(styled
      ? [
          {
            id: 'stylised',
            label: 'in the style of another',
            takes: 'texture' as const,
            tasks: [styled],
            of: (answers: Answers) => answers.of(styled),
          },
        ]
      : []),
    ...cueConditions
      .filter(({ id }) => !claimed.some(condition => condition.id === id))
      .map(({ id, label, takes, distortion }) =>
        distorted(id, label, takes === 'frequency' ? 'quality' : takes, distortion),
      ),
    ...curve('low-pass')
      .slice(1, 3)
      .map(({ x, label, distortion }) => distorted(`low-pass-${x}`, label, 'texture', distortion)),
    ...curve('low-resolution').map(({ x, label, distortion }) =>
      distorted(`low-resolution-${x}`, label, 'texture', distortion),
    ),
    ...curve('scrambled')
      .filter(({ x }) => x > 2 && x <= 8)
      .map(({ x, label, distortion }) => distorted(`scrambled-${x}`, label, 'shape', distortion)),
    ...curve('phase-scrambled')
      .filter(({ x }) => x === 60 || x === 90)
      .map(({ x, label, distortion }) => distorted(`phase-scrambled-${x}`, label, 'shape', distortion)),
    distorted('noise-0.08', 'noise, sigma 0.08', 'quality', gaussianNoise(0.08)),
    apart(
      { id: 'adversarial', label: `attacked, ${norm} ${epsilon}`, takes: 'quality' },
      ask(
        `PGD-${steps} ${norm} ${epsilon}`,
        adversarialAccuracy({ data: images, norm, epsilon, steps, images: attacked }),
      ),
    ),
  ]
  return [...claimed, ...more].sort((a, b) => order.indexOf(a.takes) - order.indexOf(b.takes))
}

const order: readonly Takes[] = ['texture', 'shape', 'colour', 'quality']

/** Names of the images that both networks classify correctly: the paper's CL set of this pair. */
function bothRight(clean: TaskPair<Accuracy>, answers: Answers): Set<string> {
  const { standard, robust } = answers.pair(clean, ({ perImage }) => rightOf(perImage))
  const { names } = answers.of(clean.standard).perImage
  return new Set(names.filter((_, i) => standard[i] && robust[i]))
}

function summarise(clean: TaskPair<Accuracy>, conditions: readonly Condition[], answers: Answers): Summary {
  const both = bothRight(clean, answers)
  const measured = conditions.flatMap(condition => {
    const { id, label, takes } = condition
    const found = condition.of(answers)
    const right = pairOf(role => {
      const { perImage } = found[role]
      return rightOf(perImage).filter((_, i) => both.has(perImage.names[i]!))
    })
    const images = right.standard.length
    if (images === 0) return []
    const pair = pairOf(role =>
      wilson(
        right[role].reduce((sum, hit) => sum + hit, 0),
        images,
      ),
    )
    return [{ id, label, takes, images, ...pair, difference: compareShares(right.robust, right.standard) }]
  })
  const corrected = holm(measured.map(({ difference }) => difference.p))
  return {
    both: both.size,
    of: answers.of(clean.standard).images,
    rows: measured.map((row, i) => ({
      ...row,
      corrected: corrected[i]!,
      ahead: aheadOf(row.difference, corrected[i]!),
    })),
  }
}

function aheadOf({ difference }: PairedComparison, corrected: number): Role | 'neither' {
  if (corrected >= significanceLevel || difference.value === 0) return 'neither'
  return difference.value > 0 ? 'robust' : 'standard'
}
