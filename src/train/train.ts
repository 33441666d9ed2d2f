// The training loop: epochs of steps of a scheme. Every epoch draws from its own streams of the seed, so that a run
// resumed after any epoch goes on exactly as it would have.

import { predictions } from '../attack/criterion.ts'
import { labelTensor } from '../attack/step.ts'
import { LOGITS } from '../classifier/classifier.ts'
import { InputError } from '../errors/input-error.ts'
import { LABELS, LOSS } from '../grad/loss.ts'
import { type Progress, silent } from '../progress/progress.ts'
import type { Feeds, Runtime } from '../runtime/session.ts'
import { Random } from '../tensor/random.ts'
import { elementCount } from '../tensor/shape.ts'
import { asFloat32, float32, type Tensor } from '../tensor/tensor.ts'
import type { Network } from '../zoo/network.ts'
import type { Recipe } from './recipe.ts'
import { bestEpoch, robustAccuracy, robustValidationOf, stopReason } from './robust-validation.ts'
import { epsilonFactor, learningRateFactor } from './schedule.ts'
import { schemeOf } from './schemes/of-recipe.ts'
import type { Scheme } from './schemes/scheme.ts'
import { loadSessions, type TrainingSessions } from './sessions.ts'
import { currentWeights, type EpochLog, initialState, type TrainingState } from './state.ts'
import { type DropoutMask, nextName } from './training-form.ts'
import type { TrainingSet } from './training-set.ts'
import { scalarsAt } from './update/update.ts'

export interface TrainOptions {
  readonly network: Network
  readonly recipe: Recipe
  readonly images: TrainingSet
  /** Measured after every epoch, unattacked and, where the recipe says so, attacked. */
  readonly validation?: TrainingSet | undefined
  readonly runtime: Runtime
  /** Where to go on from; default: the network's own weights. */
  readonly from?: TrainingState | undefined
  /** Sees the state after every epoch, and how many seconds its steps took. */
  readonly onEpoch?: (state: TrainingState, seconds: number) => void
  readonly progress?: Progress
  readonly signal?: AbortSignal | undefined
}

/**
 * Trains to the end of the recipe, or to where it says to stop (`stopReason`), and returns the last state.
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
  const scheme = schemeOf(recipe, network)
  const sessions = await loadSessions(network, recipe, scheme, runtime)
  let state = options.from ?? initialState(network, recipe)
  const task = progress.start('training', perEpoch * recipe.epochs)
  task.advance(perEpoch * state.log.length)
  try {
    for (let epoch = state.log.length; epoch < recipe.epochs; epoch++) {
      if (stopReason(recipe, state.log) !== undefined) break
      const began = performance.now()
      const run = new Epoch(options, scheme, sessions, state, epoch, perEpoch)
      for (let step = 0; step < perEpoch; step++) {
        signal?.throwIfAborted()
        await run.step(step)
        task.advance(1, run.note())
      }
      const seconds = (performance.now() - began) / 1000
      state = await run.finish()
      onEpoch?.(state, seconds)
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
  private readonly slots: Record<string, Tensor>
  private readonly order: Uint32Array
  private readonly random: { augment: Random; start: Random; dropout: Random }
  private readonly sum = { loss: 0, correct: 0, images: 0 }
  private learningRate = 0
  private epsilon = 0

  constructor(
    private readonly options: TrainOptions,
    private readonly scheme: Scheme,
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
    this.slots = Object.fromEntries(before.slots)
  }

  async step(step: number): Promise<void> {
    const { recipe, images, network } = this.options
    const taken = this.epoch * this.perEpoch + step
    const done = taken / (recipe.epochs * this.perEpoch)
    this.learningRate = recipe.learningRate * learningRateFactor(recipe.schedule, done, this.epoch)
    const indices = this.order.subarray(step * recipe.batchSize, (step + 1) * recipe.batchSize)
    const batch = images.batch(indices, recipe.augment, this.random.augment)
    const scalars = scalarsAt(recipe, { step: taken + 1, done, learningRate: this.learningRate })

    const result = await this.sessions.update.run({
      ...this.weights,
      ...this.slots,
      ...dropoutFeeds(this.sessions.masks, indices.length, this.random.dropout),
      ...(await this.imagesFor(batch, done)),
      [LABELS]: labelTensor(batch.labels),
      ...Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, float32([], [value])])),
    })
    for (const name of Object.keys(this.weights)) this.weights[name] = result[nextName(name)]!
    for (const name of Object.keys(this.slots)) this.slots[name] = result[nextName(name)]!

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
    const { network, validation } = this.options
    const values = (feeds: Record<string, Tensor>, names: Iterable<string>) =>
      new Map([...names].map(name => [name, asFloat32(feeds[name]!)]))
    const state = {
      weights: values(this.weights, this.before.weights.keys()),
      slots: values(this.slots, this.before.slots.keys()),
    }
    const result = currentWeights(state, [...network.parameters, ...network.buffers])
    const judged = Object.fromEntries(result)
    const robust = await this.robustAccuracy(judged)
    const row: EpochLog = {
      epoch: this.epoch + 1,
      learningRate: this.learningRate,
      epsilon: this.epsilon,
      loss: this.sum.loss / this.sum.images,
      accuracy: this.sum.correct / this.sum.images,
      ...(validation && { validationAccuracy: await this.accuracy(validation, judged) }),
      ...(robust !== undefined && { robustAccuracy: robust }),
    }
    const log = [...this.before.log, row]
    const best = bestEpoch(log) === row ? result : this.before.best
    return { ...state, ...(best && { best }), log }
  }

  /** What the scheme makes of a batch. */
  private async imagesFor(batch: ReturnType<TrainingSet['batch']>, done: number): Promise<Feeds> {
    const { recipe, signal } = this.options
    const strength = recipe.adversarial ? epsilonFactor(recipe.adversarial, done) : 0
    this.epsilon = strength * (recipe.adversarial?.epsilon ?? 0)
    return this.scheme.feeds({
      ...batch,
      strength,
      random: this.random.start,
      infer: images => this.sessions.infer(this.weights, images),
      attack: values => this.sessions.attack(this.weights, values),
      signal,
    })
  }

  private async accuracy(set: TrainingSet, weights: Feeds): Promise<number> {
    const { batchSize } = this.options.recipe
    let correct = 0
    for (let from = 0; from < set.size; from += batchSize) {
      const count = Math.min(batchSize, set.size - from)
      const indices = Uint32Array.from({ length: count }, (_, i) => from + i)
      const { images, labels } = set.batch(indices, { crop: 0, flip: false }, this.random.augment)
      const predicted = predictions(await this.sessions.infer(weights, images))
      for (const [i, label] of labels.entries()) if (predicted[i] === label) correct++
    }
    return correct / set.size
  }

  private async robustAccuracy(weights: Feeds): Promise<number | undefined> {
    const { recipe, validation, images, signal } = this.options
    const settings = robustValidationOf(recipe)
    if (settings === undefined) return undefined
    return robustAccuracy(validation ?? images, settings, {
      step: await this.sessions.validationAttack(weights),
      infer: some => this.sessions.infer(weights, some),
      seed: recipe.seed,
      batchSize: recipe.batchSize,
      signal,
    })
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
