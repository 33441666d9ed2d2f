// The graphs of a training run, loaded. The update and plain inference have weights as inputs. The attack's
// step is run many times on the same weights, so it is loaded anew for every batch with the weights as
// constants: ONNX Runtime then lays them out and folds them once, which pays for the loading within two steps.

import { norms } from '../attack/norm.ts'
import { attackStepGraph } from '../attack/step.ts'
import { IMAGES, LOGITS } from '../classifier/classifier.ts'
import { prune } from '../onnx/edit.ts'
import type { Graph } from '../onnx/graph.ts'
import type { Feeds, Runtime, Session } from '../runtime/session.ts'
import { asFloat32, type FloatTensor } from '../tensor/tensor.ts'
import type { Network } from '../zoo/network.ts'
import type { Recipe } from './recipe.ts'
import { robustValidationOf } from './robust-validation.ts'
import type { Scheme } from './schemes/scheme.ts'
import { stateForm } from './state.ts'
import { type DropoutMask, openWeights, trainingForm } from './training-form.ts'
import { updateGraph } from './update/update.ts'

export interface TrainingSessions {
  readonly update: Session
  /** Inputs of `update` that want random multipliers. */
  readonly masks: readonly DropoutMask[]
  /** Loads the scheme's attack for these weights and values; whoever does disposes it. */
  attack(weights: Feeds, values?: Feeds): Promise<Session>
  /** Loads the attack of robust validation for these weights; likewise. */
  validationAttack(weights: Feeds): Promise<Session>
  /** Logits in inference form. */
  infer(weights: Feeds, images: FloatTensor): Promise<FloatTensor>
  dispose(): Promise<void>
}

export async function loadSessions(
  network: Network,
  recipe: Recipe,
  scheme: Scheme,
  runtime: Runtime,
): Promise<TrainingSessions> {
  const { parameters, own } = stateForm(network, recipe)
  const open = openWeights(network)
  const loss = scheme.loss(trainingForm(network))
  const options = { recipe, parameters: [...parameters.keys()], averaged: own }
  const update = await runtime.load(updateGraph(loss, options))
  const validation = robustValidationOf(recipe)
  const judge = validation && attackStepGraph(open, norms[validation.norm])
  const inference = await runtime.load(prune(open, [LOGITS]))
  const bound = (graph: Graph | undefined, values: Feeds) => {
    if (graph === undefined) throw new Error('the recipe has no attack')
    const taken = new Set(graph.inputs.map(input => input.name))
    const own = Object.entries(values).filter(([name]) => taken.has(name))
    return runtime.load(graph, { constants: Object.fromEntries(own) })
  }
  return {
    update,
    masks: loss.masks,
    attack: (weights, values) => bound(scheme.step, { ...weights, ...values }),
    validationAttack: weights => bound(judge, weights),
    async infer(weights, images) {
      const feeds = Object.fromEntries(own.map(name => [name, weights[name]!]))
      const { [LOGITS]: logits } = await inference.run({ ...feeds, [IMAGES]: images })
      return asFloat32(logits!)
    },
    async dispose() {
      await Promise.all([update.dispose(), inference.dispose()])
    },
  }
}
