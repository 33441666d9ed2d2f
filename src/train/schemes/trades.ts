// TRADES (Zhang et al. 2019): cross-entropy on the clean images, and beta times the divergence KL(p(x) || p(x')) of
// the answers under an attack that climbs this very divergence.

import { norms, projected } from '../../attack/norm.ts'
import { EPSILON, NEXT, ORIGINALS, STEP_SIZE } from '../../attack/step.ts'
import { IMAGES, LOGITS } from '../../classifier/classifier.ts'
import { LABELS, LOSS, withCrossEntropy } from '../../grad/loss.ts'
import { gradient, gradientName } from '../../grad/reverse.ts'
import { GraphBuilder } from '../../onnx/builder.ts'
import { prune, renameValues } from '../../onnx/edit.ts'
import type { Graph } from '../../onnx/graph.ts'
import { inferShapes } from '../../onnx/infer.ts'
import type { Random } from '../../tensor/random.ts'
import { type FloatTensor, float32 } from '../../tensor/tensor.ts'
import type { Network } from '../../zoo/network.ts'
import { type LossGraph, meanLoss } from '../loss.ts'
import { CLEAN, CLEAN_IMAGES, CLEAN_LOGITS, chained, masksOfBoth, tagged } from '../passes.ts'
import type { AdversarialRecipe, Recipe } from '../recipe.ts'
import { inferenceForm, nextName, type TrainingForm } from '../training-form.ts'
import { attacked, settingsOf } from './pgd.ts'
import type { Scheme } from './scheme.ts'

type Trades = Extract<AdversarialRecipe, { scheme: 'trades' }>

/** Input of the step, `[n, classes]`: the answers on the clean images, as probabilities. */
const ANSWERS = 'trades.answers'

/** Standard deviation of the noise that the attack starts with: at the images themselves the gradient is 0. */
const NUDGE = 0.001

export function trades(adversarial: Trades, recipe: Recipe, network: Network): Scheme {
  return {
    extra: new Map(),
    loss: form => tradesLoss(form, network, adversarial.beta, recipe.labelSmoothing),
    step: divergenceStep(inferenceForm(network), adversarial.norm),
    async feeds(batch) {
      const { images, strength } = batch
      if (strength === 0) return { [CLEAN_IMAGES]: images, [IMAGES]: images }
      const answers = { [ANSWERS]: probabilities(await batch.infer(images)) }
      const from = nudged(images, batch.random)
      const moved = await attacked(batch, settingsOf(adversarial), from, answers)
      return { [CLEAN_IMAGES]: images, [IMAGES]: moved }
    },
  }
}

/**
 * The clean pass first, then the attacked one, which goes on with the running statistics of the first. The log's
 * loss is the cross-entropy of the clean images, its accuracy that on the attacked ones.
 */
function tradesLoss(form: TrainingForm, network: Network, beta: number, smoothing?: number): LossGraph {
  const weights = new Set([...network.parameters, ...network.buffers])
  const clean = tagged(form.graph, CLEAN, name => weights.has(name))
  const statistics = network.buffers.map(name => [name, `${CLEAN}/${nextName(name)}`] as const)
  const both = chained(clean, renameValues(form.graph, new Map(statistics)))
  const builder = new GraphBuilder(withCrossEntropy(both, CLEAN_LOGITS))
  const natural = meanLoss(builder, CLEAN_LOGITS, LOSS, smoothing ?? 0)
  const logs = [CLEAN_LOGITS, LOGITS].map(logits => builder.op('LogSoftmax', [logits], { axis: 1 }))
  const terms = builder.op('Mul', [builder.op('Exp', [logs[0]]), builder.op('Sub', logs)])
  const divergence = builder.op('ReduceSum', [terms, builder.ints([1])], { keepdims: 0 })
  const mean = builder.op('Mul', [
    builder.op('ReduceMean', [divergence], { keepdims: 0 }),
    builder.scalar(beta),
  ])
  const total = builder.op('Add', [natural, mean], {}, { name: 'trades_loss' })
  builder.output(total, 'float32', [])
  return { graph: builder.build(), mean: total, masks: masksOfBoth(form.masks) }
}

/** As `attackStepGraph`, up the divergence from fixed answers. */
function divergenceStep(classifier: Graph, normName: Trades['norm']): Graph {
  const types = inferShapes(classifier)
  const start = new GraphBuilder(classifier)
  // Not read, but the attack's loop feeds it.
  start.input(LABELS, 'int64', ['n'])
  const answers = start.input(ANSWERS, 'float32', types.get(LOGITS)?.shape ?? ['n', 'classes'])
  const logs = start.op('LogSoftmax', [LOGITS], { axis: 1 })
  // The other half of the divergence, p(x) log p(x), does not depend on x'.
  const shares = start.op('ReduceSum', [start.op('Mul', [answers, logs]), start.ints([1])], { keepdims: 0 })
  start.output(start.op('Neg', [shares]), 'float32', ['n'], LOSS)
  const norm = norms[normName]
  const shape = types.get(IMAGES)?.shape ?? []
  const builder = new GraphBuilder(gradient(start.build(), LOSS, [IMAGES]))
  const originals = builder.input(ORIGINALS, 'float32', shape)
  const epsilon = builder.input(EPSILON, 'float32', [])
  const stepSize = builder.input(STEP_SIZE, 'float32', [])
  const direction = norm.direction(builder, gradientName(LOSS, IMAGES))
  const moved = builder.op('Add', [IMAGES, builder.op('Mul', [direction, stepSize])])
  const next = projected(builder, norm, { images: moved, originals, epsilon })
  builder.output(next, 'float32', shape, NEXT)
  return prune(builder.build(), [NEXT, LOSS, LOGITS])
}

function nudged({ shape, data }: FloatTensor, random: Random): FloatTensor {
  return float32(
    shape,
    data.map(value => value + NUDGE * random.normal()),
  )
}

/** Softmax of each row of `[n, classes]`. */
function probabilities({ shape, data }: FloatTensor): FloatTensor {
  const classes = shape[1]!
  const out = new Float32Array(data.length)
  for (let from = 0; from < data.length; from += classes) {
    const row = data.subarray(from, from + classes)
    const top = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
    const powers = row.map(logit => Math.exp(logit - top))
    const sum = powers.reduce((a, b) => a + b, 0)
    out.set(
      powers.map(power => power / sum),
      from,
    )
  }
  return float32(shape, out)
}
