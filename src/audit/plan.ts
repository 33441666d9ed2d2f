// The tasks of an audit, and what is made of their answers. Every condition is a task of its own, so that an audit
// that was stopped repeats little.

import { z } from 'zod'
import type { Classifier } from '../classifier/classifier.ts'
import { inspect } from '../classifier/inspect.ts'
import type { ModelManifest } from '../classifier/manifest.ts'
import type { Graph } from '../onnx/graph.ts'
import {
  type Accuracy,
  accuracy,
  calibration,
  convolutionKernels,
  cueConditions,
  cueCurves,
  deciderFor,
  noShapeBias,
  type Probe,
  shapeBias,
  smoothness,
} from '../probe/index.ts'
import { type Answers, type ImageDecisions, probeTask, type Task } from '../study/index.ts'
import { attackPart } from './attacks.ts'
import type { Audit } from './audit.ts'
import type { AuditData } from './audit-data.ts'
import { corruptionPart } from './corruptions.ts'
import { type Ask, decisionsOf, type Part, shareMeasure, simplePart } from './part.ts'
import type { AuditSettings } from './settings.ts'

export interface PlanOptions {
  readonly model: Classifier
  /** The model as it was read, for the lints. */
  readonly original: { readonly graph: Graph; readonly manifest: ModelManifest }
  readonly data: AuditData
  readonly settings: AuditSettings
}

/** The part of the result that comes from measuring. */
export type Findings = Pick<Audit, 'measures' | 'curves' | 'corruptions' | 'lints' | 'chance'>

export interface AuditPlan {
  readonly tasks: readonly Task[]
  /** Ids of the measures that the audit will have. */
  readonly measures: readonly string[]
  summarise(answers: Answers): Findings
  /** Every decision about every image. */
  decisions(answers: Answers): readonly ImageDecisions[]
}

/** The tasks of an audit; none has been run. */
export function planAudit(options: PlanOptions): AuditPlan {
  const { data, settings, model } = options
  const ask = <R>(label: string, probe: Probe<R>) => probeTask(label, probe, model, settings.seed)
  const clean = ask('accuracy', accuracy({ data: data.images }))
  const sampled = ask('accuracy of the sample', accuracy({ data: data.sample }))
  const corrupted = corruptionPart(ask, data.sample, model, settings, sampled)
  const lints = lintTask(options)
  const decider = deciderFor(model, data.images.classes)
  const parts = [
    simplePart('accuracy', 'accuracy', clean, 'clean'),
    // Where several outputs stand for one class there is no loss to climb.
    ...(decider.outputs === undefined ? [] : [attackPart(ask, data.images, settings.attack)]),
    corrupted,
    ...(data.cueConflict ? [biasPart(ask, data.cueConflict, settings)] : []),
    ...(data.shapeOnly
      ? [
          simplePart(
            'shape-only',
            'accuracy on shapes without texture',
            ask('shape only', accuracy({ data: data.shapeOnly })),
          ),
        ]
      : []),
    ...(data.textureOnly
      ? [
          simplePart(
            'texture-only',
            'accuracy on textures without shape',
            ask('texture only', accuracy({ data: data.textureOnly })),
          ),
        ]
      : []),
    ...cuePart(ask, options, sampled),
    calibrationPart(ask, options),
    ...(convolutionKernels(model.graph).length > 0 ? [smoothnessPart(ask, settings)] : []),
    lintPart(lints),
  ]
  return {
    // Each task once: the sample's accuracy begins every curve.
    tasks: [...new Set(parts.flatMap(({ tasks }) => tasks))],
    measures: parts.flatMap(({ measures }) => measures.map(({ id }) => id)),
    summarise: answers => ({
      measures: parts.flatMap(({ measures }) => measures.map(measure => measure.of(answers))),
      curves: parts.flatMap(part => part.curve?.(answers) ?? []),
      corruptions: corrupted.rows(answers),
      lints: answers.of(lints),
      chance: 1 / decider.choices,
    }),
    decisions: answers => parts.flatMap(part => part.decisions?.(answers) ?? []),
  }
}

function biasPart(ask: Ask, data: NonNullable<AuditData['cueConflict']>, { resamples }: AuditSettings): Part {
  const task = ask('shape bias', shapeBias({ data, resamples }))
  return {
    tasks: [task],
    measures: [
      {
        id: 'shape-bias',
        of(answers) {
          const { shapeBias: estimate, images } = answers.of(task)
          const label = 'decisions for the shape among those for shape or texture'
          const found = estimate ?? { value: null, reason: noShapeBias(images) }
          return { id: 'shape-bias', label, better: 'higher', unit: 'percent', images, ...found }
        },
      },
    ],
    decisions(answers) {
      const { classes, perImage } = answers.of(task)
      return [{ condition: 'cue-conflict', classes, ...perImage, labels: perImage.shapes }]
    },
  }
}

/** A part per curve, and one for each distortion that is all or nothing. */
function cuePart(ask: Ask, { data: { sample }, model }: PlanOptions, undistorted: Task<Accuracy>): Part[] {
  const curves = cueCurves(model.preprocessing.size).map(({ id, label, axis, from, points }): Part => {
    const measured = points.map(point => ({
      ...point,
      task: ask(`${id} ${point.x}`, accuracy({ data: sample, distortion: point.distortion })),
    }))
    const name = `${id}-accuracy`
    return {
      tasks: [undistorted, ...measured.map(({ task }) => task)],
      // One number for the scorecard: the second point, where little is left of the cue and much of the image.
      measures: measured.slice(1, 2).map(({ label: point, task }) => ({
        id: name,
        of: answers => shareMeasure(name, `accuracy, ${id.replace('-', ' ')} (${point})`, answers.of(task)),
      })),
      curve: answers => ({
        id,
        label,
        axis,
        images: answers.of(undistorted).images,
        points: [
          { x: from, label: 'as it is', ...answers.of(undistorted).accuracy },
          ...measured.map(({ x, task }) => ({ x, label: String(x), ...answers.of(task).accuracy })),
        ],
      }),
      decisions: answers => measured.map(({ x, task }) => decisionsOf(`${id}-${x}`, answers.of(task))),
    }
  })
  const conditions = cueConditions.map(({ id, label, distortion }) =>
    simplePart(`${id}-accuracy`, `accuracy, ${label}`, ask(id, accuracy({ data: sample, distortion })), id),
  )
  return [...curves, ...conditions]
}

function calibrationPart(ask: Ask, { data: { images }, settings: { resamples } }: PlanOptions): Part {
  const task = ask('calibration', calibration({ data: images, resamples }))
  const id = 'calibration-error'
  return {
    tasks: [task],
    measures: [
      {
        id,
        of(answers) {
          const { error, images: n } = answers.of(task)
          return {
            id,
            label: 'expected calibration error',
            better: 'lower',
            unit: 'number',
            images: n,
            ...error,
          }
        },
      },
    ],
  }
}

function smoothnessPart(ask: Ask, { resamples }: AuditSettings): Part {
  const task = ask('smoothness', smoothness({ resamples }))
  const id = 'first-layer-variation'
  return {
    tasks: [task],
    measures: [
      {
        id,
        of(answers) {
          const [first] = answers.of(task).layers
          const label = `total variation of the unit-norm kernels of ${first!.layer}`
          return { id, label, better: 'lower', unit: 'number', images: null, ...first!.unitNorm }
        },
      },
    ],
  }
}

const Lints = z.array(z.object({ code: z.string(), message: z.string() }))
type Lints = z.infer<typeof Lints>

function lintTask({ model, original, data: { few }, settings: { seed } }: PlanOptions): Task<Lints> {
  return {
    label: 'what looks wrong',
    identity: {
      probe: 'lints',
      version: 1,
      // Where each field of the preprocessing came from is no part of the model's fingerprint.
      options: { origins: { ...original.manifest.origins } },
      models: { model: model.fingerprint },
      data: [few.fingerprint],
      seed,
    },
    schema: Lints,
    async run({ progress, signal }) {
      const { lints } = await inspect(model, original, few, { progress, ...(signal && { signal }) })
      return { result: lints.map(({ code, message }) => ({ code, message })) }
    },
  }
}

function lintPart(task: Task<Lints>): Part {
  return {
    tasks: [task],
    measures: [
      {
        id: 'lints',
        of(answers) {
          const value = answers.of(task).length
          const label = 'things that look wrong with the model or its preprocessing'
          return {
            id: 'lints',
            label,
            better: 'lower',
            unit: 'count',
            images: null,
            value,
            low: value,
            high: value,
          }
        },
      },
    ],
  }
}
