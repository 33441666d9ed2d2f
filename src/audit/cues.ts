// What several networks decide by, as curves: shape bias while the cue-conflict images are blurred, made smaller or
// attacked, shape bias against the radius that a network was trained with, and background bias where figures are known.

import { z } from 'zod'
import type { NormName } from '../attack/index.ts'
import type { Classifier } from '../classifier/classifier.ts'
import type { CueConflictDataset } from '../data/dataset.ts'
import {
  compareShapeBias,
  cueCurves,
  Estimate,
  holm,
  PairedComparison,
  type Probe,
  type ShapeBias,
  shapeBias,
  wilson,
} from '../probe/index.ts'
import { type Answers, probeTask, type Task } from '../study/index.ts'
import { Random } from '../tensor/random.ts'

export const CueCurvesResult = z.object({
  models: z.array(
    z.object({
      name: z.string(),
      fingerprint: z.string(),
      /** Radius of the adversarial training that the file tells of; 0 for training without; null where it tells nothing. */
      trainedRadius: z.number().nullable(),
      /** On the images as they are; null where no decision was for either cue, here and below. */
      shapeBias: Estimate.nullable(),
      /**
       * Of the decisions for the figure's class or that of the background behind it, the share for the background;
       * null without such decisions.
       */
      backgroundBias: Estimate.nullable(),
    }),
  ),
  /** Every two networks on the images as they are: the first's shape bias minus the second's, where both have one. */
  differences: z.array(
    PairedComparison.extend({
      first: z.string(),
      second: z.string(),
      /** p after Holm's correction for their number. */
      corrected: z.number(),
    }),
  ),
  /** Cue-conflict images behind every point. */
  images: z.int(),
  /** Images with exchanged backgrounds behind every background bias; 0 without figures. */
  backgrounds: z.int(),
  curves: z.array(
    z.object({
      id: z.string(),
      label: z.string(),
      axis: z.string(),
      /** From weak to strong, the image as it is first. */
      points: z.array(
        z.object({
          x: z.number(),
          label: z.string(),
          /** Shape bias by model. */
          values: z.array(Estimate.nullable()),
          /** Share of the images decided for either cue, by model: few mean little. */
          decided: z.array(z.number()),
        }),
      ),
    }),
  ),
})
export type CueCurvesResult = z.infer<typeof CueCurvesResult>

export interface CuesOptions {
  readonly models: readonly { readonly model: Classifier; readonly trainedRadius: number | null }[]
  /** The same images for all. */
  readonly data: CueConflictDataset
  /** Figures on backgrounds of another class: `textures` are the backgrounds' classes. */
  readonly backgrounds?: CueConflictDataset
  readonly attack: { readonly norm: NormName; readonly radii: readonly number[]; readonly steps: number }
  readonly seed: number
  readonly resamples: number
}

export interface CuesPlan {
  readonly tasks: readonly Task[]
  summarise(answers: Answers): CueCurvesResult
}

/** The tasks; none has been run. */
export function planCues(options: CuesOptions): CuesPlan {
  const { models, data, backgrounds, attack, seed, resamples } = options
  const ask = (label: string, probe: Probe<ShapeBias>) =>
    models.map(({ model }) => probeTask(`${label}: ${model.name}`, probe, model, seed))
  const plain = ask('shape bias', shapeBias({ data, resamples }))
  const size = models[0]!.model.preprocessing.size
  const curves = [
    ...cueCurves(size)
      .filter(({ id }) => id === 'low-pass' || id === 'low-resolution')
      .map(({ id, label, axis, from, points }) => ({
        id,
        label,
        axis,
        from,
        points: points.map(point => ({
          ...point,
          tasks: ask(point.label, shapeBias({ data, resamples, distortion: point.distortion })),
        })),
      })),
    {
      id: 'attack',
      label: "attacked: the network's own decision is made hard",
      axis: `radius (${attack.norm}, pixel values from 0 to 1)`,
      from: 0,
      points: attack.radii.map(radius => ({
        x: radius,
        label: String(Number(radius.toPrecision(3))),
        tasks: ask(
          `attacked, ${attack.norm} ${Number(radius.toPrecision(3))}`,
          shapeBias({ data, resamples, attack: { norm: attack.norm, epsilon: radius, steps: attack.steps } }),
        ),
      })),
    },
  ]
  const behind = backgrounds && ask('background bias', shapeBias({ data: backgrounds, resamples }))
  const pointOf = (answers: Answers, tasks: readonly Task<ShapeBias>[]) => {
    const found = tasks.map(task => answers.of(task))
    return {
      values: found.map(answer => answer.shapeBias),
      decided: found.map(({ hits, images }) => (hits.shape + hits.texture) / images),
    }
  }
  return {
    tasks: [
      ...plain,
      ...curves.flatMap(({ points }) => points.flatMap(({ tasks }) => tasks)),
      ...(behind ?? []),
    ],
    summarise: answers => ({
      models: models.map(({ model, trainedRadius }, i) => ({
        name: model.name,
        fingerprint: model.fingerprint,
        trainedRadius,
        shapeBias: answers.of(plain[i]!).shapeBias,
        backgroundBias: behind === undefined ? null : backgroundShare(answers.of(behind[i]!)),
      })),
      differences: differencesOf(
        models.map(({ model }, i) => ({ name: model.name, bias: answers.of(plain[i]!) })),
        { random: new Random(seed).fork('differences'), resamples },
      ),
      images: answers.of(plain[0]!).images,
      backgrounds: behind === undefined ? 0 : answers.of(behind[0]!).images,
      curves: curves.map(({ id, label, axis, from, points }) => ({
        id,
        label,
        axis,
        points: [
          { x: from, label: 'as it is', ...pointOf(answers, plain) },
          ...points.map(({ x, label: point, tasks }) => ({ x, label: point, ...pointOf(answers, tasks) })),
        ],
      })),
    }),
  }
}

function differencesOf(
  measured: readonly { readonly name: string; readonly bias: ShapeBias }[],
  { random, resamples }: { readonly random: Random; readonly resamples: number },
): CueCurvesResult['differences'] {
  const found = measured.flatMap((a, i) =>
    measured.slice(i + 1).flatMap((b, k) => {
      const options = { random: random.fork(`${i} ${i + 1 + k}`), resamples }
      const comparison = compareShapeBias(a.bias, b.bias, options)
      return comparison === null ? [] : [{ first: a.name, second: b.name, ...comparison }]
    }),
  )
  const corrected = holm(found.map(({ p }) => p))
  return found.map((one, i) => ({ ...one, corrected: corrected[i]! }))
}

/** Wilson's interval, which is sound where (as nearly always) no decision is for the background; a bootstrap is not. */
function backgroundShare({ hits }: ShapeBias): Estimate | null {
  const decided = hits.shape + hits.texture
  return decided > 0 ? wilson(hits.texture, decided) : null
}
