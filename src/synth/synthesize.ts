// The loop of synthesis: step after step of one graph, batch after batch of pictures.

import type { Classifier } from '../classifier/classifier.ts'
import { InputError, requireInput } from '../errors/input-error.ts'
import { type Progress, silent } from '../progress/progress.ts'
import type { Session } from '../runtime/session.ts'
import type { Random } from '../tensor/random.ts'
import { elementCount, formatShape } from '../tensor/shape.ts'
import { asFloat32, type FloatTensor, float32, rows, type Tensor, zeros } from '../tensor/tensor.ts'
import type { Objective } from './objective.ts'
import type { Optimiser } from './optimiser.ts'
import { type Parametrisation, pixels, type Size } from './parametrisation.ts'
import {
  feedName,
  GOAL,
  memoryName,
  NEXT,
  nextMemoryName,
  PICTURE,
  START,
  type Step,
  scalarName,
  stepName,
  synthesisStepGraph,
  VARIABLE,
} from './step.ts'
import { checkTransforms, drawTransforms, type Transforms } from './transforms.ts'

/** The pictures so far. */
export interface Glimpse {
  /** Steps taken, and steps in all. */
  readonly step: number
  readonly steps: number
  /** Number of the first picture of this batch. */
  readonly from: number
  /** `[batch, 3, h, w]` in [0, 1] */
  readonly pictures: FloatTensor
  /** The objective, `[batch]`. */
  readonly goal: FloatTensor
}

export interface SynthesisOptions {
  /** Brought down, picture by picture. */
  readonly goal: Objective
  /** The variable before the first step, `[n, ...]`: pictures, or coefficients such as `fourierNoise` draws. */
  readonly start: FloatTensor
  readonly optimiser: Optimiser
  readonly steps: number
  /** Default: pixels. */
  readonly parametrisation?: Parametrisation
  /** Default: none. */
  readonly transforms?: Transforms
  /** Where the movements of the transforms come from; needed where there are some. */
  readonly random?: Random
  /** Pictures per run. Default: as many as hold 2^21 values, 10 of 256x256. */
  readonly batchSize?: number
  /** Sees the pictures before every step and after the last. */
  readonly watch?: (glimpse: Glimpse) => void
  readonly progress?: Progress
  readonly signal?: AbortSignal
}

export interface Synthesis {
  /** `[n, 3, h, w]` in [0, 1] */
  readonly pictures: FloatTensor
  /** The objective of each at the end, `[n]`. */
  readonly goal: Float32Array
}

/** Values of pictures that one run takes at most. */
const BATCH_VALUES = 2 ** 21

/**
 * Moves pictures until the goal is low. The same seed gives the same pictures, whatever the batch size.
 * @throws InputError for a start of another shape than the model's images, outside [0, 1] or not finite, for an
 *   objective that is for another number of pictures, and for what {@link synthesisStepGraph} refuses.
 */
export async function synthesize(model: Classifier, options: SynthesisOptions): Promise<Synthesis> {
  const { goal, start, optimiser, steps, parametrisation = pixels, transforms = {}, watch } = options
  const step: Step = { goal, parametrisation, transforms, optimiser }
  checkOptions(model, options, step)
  const session = await model.derived(stepName(step), () => synthesisStepGraph(model, step))

  const [height, width] = model.preprocessing.size
  const values = 3 * height * width
  const count = start.shape[0]!
  const batchSize = options.batchSize ?? Math.max(1, Math.floor(BATCH_VALUES / values))
  const batches = Math.ceil(count / batchSize)
  const task = (options.progress ?? silent).start('synthesising', batches * (steps + 1), 'steps')
  const pictures = new Float32Array(count * values)
  const reached = new Float32Array(count)
  for (let from = 0; from < count; from += batchSize) {
    const run = new Run(
      session,
      step,
      rows(start, from, from + batchSize),
      from,
      model.preprocessing.size,
      steps,
      options.random,
    )
    for (let k = 0; k <= steps; k++) {
      options.signal?.throwIfAborted()
      const glimpse = await run.step(k < steps)
      watch?.(glimpse)
      task.advance(1, `goal ${mean(glimpse.goal.data).toPrecision(4)}`)
      if (k < steps) continue
      pictures.set(glimpse.pictures.data, from * values)
      reached.set(glimpse.goal.data, from)
    }
  }
  task.end()
  return { pictures: float32([count, 3, height, width], pictures), goal: reached }
}

/** One batch on its way. */
class Run {
  private variable: FloatTensor
  private readonly memory: Record<string, Tensor> = {}
  private readonly fixed: Record<string, Tensor>
  private readonly random: Random | undefined
  private taken = 0

  constructor(
    private readonly session: Session,
    private readonly made: Step,
    start: FloatTensor,
    private readonly from: number,
    private readonly size: Size,
    private readonly steps: number,
    random: Random | undefined,
  ) {
    this.variable = start
    const to = from + start.shape[0]!
    this.fixed = this.known({
      [START]: start,
      ...Object.fromEntries(
        Object.entries(made.goal.feeds).map(([name, value]) => [feedName(name), rows(value, from, to)]),
      ),
    })
    for (const name of made.optimiser.remembers) this.memory[memoryName(name)] = zeros('float32', start.shape)
    // Every batch draws the same movements, so that results do not depend on the batch size.
    this.random = random?.fork('transforms')
  }

  /** The pictures as they are; with `move`, they are then moved one step on. */
  async step(move: boolean): Promise<Glimpse> {
    const { session, made, fixed, memory } = this
    const scalars = Object.entries(made.optimiser.scalars(this.taken))
    const result = await session.run(
      this.known({
        ...fixed,
        ...memory,
        ...Object.fromEntries(scalars.map(([name, value]) => [scalarName(name), float32([], [value])])),
        ...(this.random && drawTransforms(made.transforms, this.size, this.random)),
        [VARIABLE]: this.variable,
      }),
      move ? undefined : [PICTURE, GOAL],
    )
    const glimpse = {
      step: this.taken,
      steps: this.steps,
      from: this.from,
      pictures: asFloat32(result[PICTURE]!),
      goal: asFloat32(result[GOAL]!),
    }
    if (!move) return glimpse
    this.variable = asFloat32(result[NEXT]!)
    for (const name of made.optimiser.remembers) memory[memoryName(name)] = result[nextMemoryName(name)]!
    this.taken++
    return glimpse
  }

  /** Those feeds that the graph has inputs for. */
  private known(feeds: Record<string, Tensor>): Record<string, Tensor> {
    return Object.fromEntries(Object.entries(feeds).filter(([name]) => this.session.inputs.includes(name)))
  }
}

function checkOptions(model: Classifier, options: SynthesisOptions, step: Step): void {
  const { start, steps, random, batchSize = 1 } = options
  const [n = 0] = start.shape
  const expected = step.parametrisation.shape(model.preprocessing.size)
  if (n === 0 || start.shape.slice(1).join() !== expected.join()) {
    throw new InputError(
      `synthesis with ${model.name} starts from ${step.parametrisation.name} of shape ${formatShape(['n', ...expected])}, found ${formatShape(start.shape)}`,
    )
  }
  const bad = start.data.findIndex(
    step.parametrisation.isPicture ? v => !(v >= 0 && v <= 1) : v => !Number.isFinite(v),
  )
  requireInput(
    bad < 0,
    () =>
      `the start must ${step.parametrisation.isPicture ? 'lie in [0, 1]' : 'be finite'}, found ${start.data[bad]} in picture ${Math.floor(bad / elementCount(expected))}`,
  )
  requireInput(
    Number.isInteger(steps) && steps >= 1,
    `steps must be a whole number from 1 on, found ${steps}`,
  )
  requireInput(
    Number.isInteger(batchSize) && batchSize >= 1,
    `batch size must be a whole number from 1 on, found ${batchSize}`,
  )
  checkTransforms(step.transforms)
  requireInput(
    random !== undefined || Object.keys(step.transforms).length === 0,
    'transforms are drawn at random: pass a Random',
  )
  for (const { shape } of Object.values(step.goal.feeds)) {
    if (shape[0] === n) continue
    throw new InputError(`${step.goal.name} is for ${shape[0]} pictures, but ${n} are made`)
  }
}

const mean = (values: Float32Array) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length)
