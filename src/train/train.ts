// The training loop: epochs of SGD steps on clean or attacked images. Every epoch draws from its own streams of
// the seed, so that a run resumed after any epoch goes on exactly as it would have.

import { predictions } from '../attack/criterion.ts'
import { ascend } from '../attack/loop.ts'
import { norms } from '../attack/norm.ts'
import { defaultStepSize } from '../attack/pgd.ts'
import { labelTensor } from '../attack/step.ts'
import { IMAGES, LOGITS } from '../classifier/classifier.ts'
import { InputError } from '../errors/input-error.ts'
import { LABELS, LOSS } from '../grad/loss.ts'
import { type Progress, silent } from '../progress/progress.ts'
import type { Runtime } from '../runtime/session.ts'
import { Random } from '../tensor/random.ts'
import { elementCount } from '../tensor/shape.ts'
import { asFloat32, type FloatTensor, float32, type Tensor } from '../tensor/tensor.ts'
import type { Network } from '../zoo/network.ts'
import type { Recipe } from './recipe.ts'
import { epsilonFactor, learningRateFactor } from './schedule.ts'
import { loadSessions, type TrainingSessions } from './sessions.ts'
import { LEARNING_RATE, velocityName } from './sgd.ts'
import { type EpochLog, initialState, type TrainingState } from './state.ts'
import { type DropoutMask, nextName } from './training-form.ts'
import type { TrainingSet } from './training-set.ts'

export interface TrainOptions {
  readonly network: Network
  readonly recipe: Recipe
  readonly images: TrainingSet
  /** Measured, unattacked, after every epoch. */
  readonly validation?: TrainingSet | undefined
  readonly runtime: Runtime
  /** Where to go on from; default: the network's own weights. */
  readonly from?: TrainingState | undefined
  /** Sees the state after every epoch. */
  readonly onEpoch?: (state: TrainingState) => void
  readonly progress?: Progress
  readonly signal?: AbortSignal | undefined
}

/**
 * Trains to the end of the recipe and returns the last state.
 * @throws InputError when there are fewer images than a batch, or the loss stops being a number.
 */
export async function train(options: TrainOptions): Promise<TrainingState> {
  const { network, recipe, images, runtime, onEpoch, progress = silent, signal } = options
  const perEpoch = Math.floor(images.size / recipe.batchSize)
  if (perEpoch === 0) {
    throw new InputError(
      `${images.source.name} has ${images.size} images, fewer than one batch of ${recipe.batchSize}: choose a smaller batch size`,
    )
  }
  const sessions = await loadSessions(network, recipe, runtime)
  let state = options.from ?? initialState(network)
  const task = progress.start('training', perEpoch * recipe.epochs)
  task.advance(perEpoch * state.log.length)
  try {
    for (let epoch = state.log.length; epoch < recipe.epochs; epoch++) {
      const run = new Epoch(options, sessions, state, epoch, perEpoch)
      for (let step = 0; step < perEpoch; step++) {
        signal?.throwIfAborted()
        await run.step(step)
        task.advance(1, run.note())
      }
      state = await run.finish()
      onEpoch?.(state)
    }
  } finally {
    task.end()
    await sessions.dispose()
  }
  return state
}

/** One pass over the images. */
class Epoch {
  /** Feeds of the update graph; names of inputs to values. */
  private readonly weights: Record<string, Tensor>
  private readonly velocity: Record<string, Tensor>
  private readonly order: Uint32Array
  private readonly random: { augment: Random; start: Random; dropout: Random }
  private readonly sum = { loss: 0, correct: 0, images: 0 }
  private learningRate = 0
  private epsilon = 0

  constructor(
    private readonly options: TrainOptions,
    private readonly sessions: TrainingSessions,
    private readonly before: TrainingState,
    private readonly epoch: number,
    private readonly perEpoch: number,
  ) {
    const random = new Random(options.recipe.seed).fork(`epoch ${epoch}`)
    this.order = random.fork('order').permutation(options.images.size)
    this.random = {
      augment: random.fork('augment'),
      start: random.fork('start'),
      dropout: random.fork('dropout'),
    }
    this.weights = Object.fromEntries(before.weights)
    this.velocity = Object.fromEntries([...before.velocity].map(([name, v]) => [velocityName(name), v]))
  }

  async step(step: number): Promise<void> {
    const { recipe, images, network } = this.options
    const done = (this.epoch * this.perEpoch + step) / (recipe.epochs * this.perEpoch)
    this.learningRate = recipe.learningRate * learningRateFactor(recipe.schedule, done, this.epoch)
    const indices = this.order.subarray(step * recipe.batchSize, (step + 1) * recipe.batchSize)
    const batch = images.batch(indices, recipe.augment, this.random.augment)
    const attacked = await this.attacked(batch.images, batch.labels, done)

    const result = await this.sessions.update.run({
      ...this.weights,
      ...this.velocity,
      ...dropoutFeeds(this.sessions.masks, indices.length, this.random.dropout),
      [IMAGES]: attacked,
      [LABELS]: labelTensor(batch.labels),
      [LEARNING_RATE]: float32([], [this.learningRate]),
    })
    for (const name of Object.keys(this.weights)) this.weights[name] = result[nextName(name)]!
    for (const name of Object.keys(this.velocity)) this.velocity[name] = result[nextName(name)]!

    const predicted = predictions(asFloat32(result[LOGITS]!))
    for (const loss of asFloat32(result[LOSS]!).data) this.sum.loss += loss
    for (const [i, label] of batch.labels.entries()) if (predicted[i] === label) this.sum.correct++
    this.sum.images += indices.length
    if (!Number.isFinite(this.sum.loss)) {
      throw new InputError(
        `the loss of ${network.arch} is no longer a number in epoch ${this.epoch + 1}: lower the learning rate (${recipe.learningRate})`,
      )
    }
  }

  /** `loss 0.31, accuracy 0.912` so far in this epoch. */
  note(): string {
    const { loss, correct, images } = this.sum
    return `loss ${(loss / images).toFixed(3)}, accuracy ${(correct / images).toFixed(3)}`
  }

  async finish(): Promise<TrainingState> {
    const { validation } = this.options
    const row: EpochLog = {
      epoch: this.epoch + 1,
      learningRate: this.learningRate,
      epsilon: this.epsilon,
      loss: this.sum.loss / this.sum.images,
      accuracy: this.sum.correct / this.sum.images,
      ...(validation && { validationAccuracy: await this.accuracy(validation) }),
    }
    const values = (feeds: Record<string, Tensor>, name: string) => asFloat32(feeds[name]!)
    return {
      weights: new Map([...this.before.weights.keys()].map(name => [name, values(this.weights, name)])),
      velocity: new Map(
        [...this.before.velocity.keys()].map(name => [name, values(this.velocity, velocityName(name))]),
      ),
      log: [...this.before.log, row],
    }
  }

  private async attacked(originals: FloatTensor, labels: Int32Array, done: number): Promise<FloatTensor> {
    const { adversarial } = this.options.recipe
    if (adversarial === undefined) return originals
    const { steps, norm, randomStart } = adversarial
    const factor = epsilonFactor(adversarial, done)
    const epsilon = factor * adversarial.epsilon
    this.epsilon = epsilon
    if (epsilon === 0) return originals
    const stepSize = factor * (adversarial.stepSize ?? defaultStepSize(adversarial.epsilon, steps))
    const start = randomStart ? norms[norm].randomStart(originals, epsilon, this.random.start) : originals
    const { signal } = this.options
    const attack = await this.sessions.attack(this.weights)
    try {
      return await ascend(attack, {
        originals,
        start,
        labels,
        epsilon,
        stepSize,
        steps,
        ...(signal && { signal }),
      })
    } finally {
      await attack.dispose()
    }
  }

  private async accuracy(set: TrainingSet): Promise<number> {
    const { batchSize } = this.options.recipe
    let correct = 0
    for (let from = 0; from < set.size; from += batchSize) {
      const count = Math.min(batchSize, set.size - from)
      const indices = Uint32Array.from({ length: count }, (_, i) => from + i)
      const { images, labels } = set.batch(indices, { crop: 0, flip: false }, this.random.augment)
      const { [LOGITS]: logits } = await this.sessions.infer.run({ ...this.weights, [IMAGES]: images })
      const predicted = predictions(asFloat32(logits!))
      for (const [i, label] of labels.entries()) if (predicted[i] === label) correct++
    }
    return correct / set.size
  }
}

function dropoutFeeds(masks: readonly DropoutMask[], n: number, random: Random): Record<string, Tensor> {
  return Object.fromEntries(
    masks.map(({ input, shape, ratio }) => {
      const size = [n, ...shape.slice(1).map(Number)]
      const keep = Float32Array.from({ length: elementCount(size) }, () =>
        random.uniform() < ratio ? 0 : 1 / (1 - ratio),
      )
      return [input, float32(size, keep)]
    }),
  )
}
