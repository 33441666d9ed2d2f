// AdvProp (Xie et al. 2020, Adversarial examples improve image recognition): clean and attacked images are trained
// on together, but each kind goes through batch normalisation of its own, since their statistics differ. What is
// kept of a run is the network with the clean images' batch norm.

import { norms } from '../../attack/norm.ts'
import { attackStepGraph } from '../../attack/step.ts'
import { IMAGES, LOGITS } from '../../classifier/classifier.ts'
import { InputError } from '../../errors/input-error.ts'
import { LABELS, LOSS, withCrossEntropy } from '../../grad/loss.ts'
import { GraphBuilder } from '../../onnx/builder.ts'
import { renameValues } from '../../onnx/edit.ts'
import type { Network } from '../../zoo/network.ts'
import { type LossGraph, meanLoss } from '../loss.ts'
import { CLEAN, CLEAN_IMAGES, CLEAN_LOGITS, chained, masksOfBoth, tagged } from '../passes.ts'
import type { AdversarialRecipe, Recipe } from '../recipe.ts'
import { inferenceForm, nextName, type TrainingForm } from '../training-form.ts'
import { attacked, settingsOf } from './pgd.ts'
import type { Scheme } from './scheme.ts'

type AdvProp = Extract<AdversarialRecipe, { scheme: 'advprop' }>

/** Name of the attacked images' copy of a weight of batch normalisation. */
const auxiliaryName = (weight: string) => `advprop.${weight}`

/** @throws InputError when the network has no batch normalisation. */
export function adversarialPropagation(adversarial: AdvProp, recipe: Recipe, network: Network): Scheme {
  const extra = new Map(normWeights(network).map(name => [auxiliaryName(name), name]))
  if (extra.size === 0)
    throw new InputError(`advprop needs batch normalisation, which ${network.arch} does not have`)
  const auxiliary = new Map([...extra].map(([name, origin]) => [origin, name]))
  return {
    extra,
    loss: form => advPropLoss(form, network, auxiliary, recipe.labelSmoothing),
    // The attack sees the network as the attacked images will.
    step: attackStepGraph(renameValues(inferenceForm(network), auxiliary), norms[adversarial.norm]),
    feeds: async batch => ({
      [CLEAN_IMAGES]: batch.images,
      [IMAGES]: await attacked(batch, settingsOf(adversarial)),
    }),
  }
}

function normWeights({ graph, parameters, buffers }: Network): string[] {
  const weights = new Set([...parameters, ...buffers])
  return graph.nodes
    .filter(node => node.opType === 'BatchNormalization')
    .flatMap(node => node.inputs.slice(1))
    .filter(name => weights.has(name))
}

/** The sum of both mean cross-entropies (the paper's equation 3). The log tells of the attacked images. */
function advPropLoss(
  form: TrainingForm,
  network: Network,
  auxiliary: ReadonlyMap<string, string>,
  smoothing = 0,
): LossGraph {
  const weights = new Set([...network.parameters, ...network.buffers])
  const next = new Set(network.buffers.map(nextName))
  const clean = tagged(form.graph, CLEAN, name => weights.has(name) || next.has(name))
  const statistics = network.buffers.map(name => [nextName(name), nextName(auxiliaryName(name))] as const)
  const attackedPass = renameValues(form.graph, new Map([...auxiliary, ...statistics]))
  const both = withCrossEntropy(chained(clean, attackedPass), LOGITS)
  const builder = new GraphBuilder(both)
  const logs = builder.op('LogSoftmax', [CLEAN_LOGITS], { axis: 1 })
  const column = builder.op('Unsqueeze', [LABELS, builder.ints([1])])
  const own = builder.op('Squeeze', [
    builder.op('GatherElements', [logs, column], { axis: 1 }),
    builder.ints([1]),
  ])
  const total = builder.op(
    'Add',
    [
      meanLoss(builder, CLEAN_LOGITS, builder.op('Neg', [own]), smoothing),
      meanLoss(builder, LOGITS, LOSS, smoothing),
    ],
    {},
    { name: 'advprop_loss' },
  )
  builder.output(total, 'float32', [])
  return { graph: builder.build(), mean: total, masks: masksOfBoth(form.masks) }
}
