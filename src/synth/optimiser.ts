// How the variable moves once its gradient is known. An optimiser appends its update to the graph of a step; what it
// remembers between steps has the variable's shape.

import { type NormName, norms } from '../attack/norm.ts'
import { appendAscent } from '../attack/step.ts'
import { requireInput } from '../errors/input-error.ts'
import type { GraphBuilder } from '../onnx/builder.ts'

/** The values an update is made of, by name. What is not asked for is not fed. */
export interface Move {
  readonly builder: GraphBuilder
  /** The variable and the gradient of the objective with respect to it. */
  readonly variable: string
  readonly gradient: string
  /** The variable as it was before the first step. */
  start(): string
  /** A remembered value as the last step left it; zeros before the first. */
  memory(name: string): string
  /** A number of this step. */
  scalar(name: string): string
}

export interface Optimiser {
  readonly name: string
  /** Whether the variable must be a picture in [0, 1]. */
  readonly needsPicture: boolean
  /** Names of what is remembered. */
  readonly remembers: readonly string[]
  /** The numbers of step `step`, counted from 0. */
  scalars(step: number): Readonly<Record<string, number>>
  /** Appends the update: the next variable, and what is remembered next. */
  append(move: Move): { readonly next: string; readonly memory: Readonly<Record<string, string>> }
}

export interface PgdSettings {
  readonly norm: NormName
  /** Radius of the ball around the start, in pixel units of [0, 1]; `Infinity` leaves only the box [0, 1]. */
  readonly epsilon: number
  readonly stepSize: number
}

/**
 * Projected gradient descent on pixels: a step of fixed length in the norm, back into the ball around the start,
 * into [0, 1] (Santurkar et al. 2019; the iterates of MadryLab robustness's `make_adv`).
 * @throws InputError for a radius or step that is not positive.
 */
export function pgd({ norm: normName, epsilon, stepSize }: PgdSettings): Optimiser {
  requireInput(epsilon > 0, `epsilon must be a number above 0, found ${epsilon}`)
  requireInput(
    stepSize > 0 && Number.isFinite(stepSize),
    `step size must be a number above 0, found ${stepSize}`,
  )
  const norm = norms[normName]
  return {
    name: `${norm.name} PGD`,
    needsPicture: true,
    remembers: [],
    scalars: () => ({ epsilon, stepSize: -stepSize }),
    append: ({ builder, variable, gradient, start, scalar }) => ({
      next: appendAscent(builder, norm, {
        images: variable,
        gradient,
        originals: start(),
        epsilon: scalar('epsilon'),
        stepSize: scalar('stepSize'),
      }),
      memory: {},
    }),
  }
}

/**
 * Adam (Kingma & Ba 2015) with its standard constants; no ball.
 * @param learningRate default 0.05, lucid's.
 * @throws InputError for a learning rate that is not positive.
 */
export function adam({ learningRate = 0.05 }: { readonly learningRate?: number } = {}): Optimiser {
  requireInput(
    learningRate > 0 && Number.isFinite(learningRate),
    `learning rate must be a number above 0, found ${learningRate}`,
  )
  const [BETA1, BETA2, TINY] = [0.9, 0.999, 1e-8]
  return {
    name: 'Adam',
    needsPicture: false,
    remembers: ['mean', 'square'],
    scalars: step => ({
      stepSize: learningRate / (1 - BETA1 ** (step + 1)),
      correction: 1 / (1 - BETA2 ** (step + 1)),
    }),
    append({ builder, variable, gradient, memory, scalar }) {
      const blend = (old: string, now: string, share: number) =>
        builder.op('Add', [
          builder.op('Mul', [old, builder.scalar(share)]),
          builder.op('Mul', [now, builder.scalar(1 - share)]),
        ])
      const mean = blend(memory('mean'), gradient, BETA1)
      const square = blend(memory('square'), builder.op('Mul', [gradient, gradient]), BETA2)
      const spread = builder.op('Sqrt', [builder.op('Mul', [square, scalar('correction')])])
      const step = builder.op('Div', [mean, builder.op('Add', [spread, builder.scalar(TINY)])])
      const next = builder.op('Sub', [variable, builder.op('Mul', [step, scalar('stepSize')])])
      return { next, memory: { mean, square } }
    },
  }
}
