// The graphs of a training run, loaded. The SGD step and plain inference have weights as inputs. The attack's
// step is run many times on the same weights, so it is loaded anew for every batch with the weights as
// constants: ONNX Runtime then lays them out and folds them once, which pays for the loading within two steps.

import { norms } from '../attack/norm.ts'
import { attackStepGraph } from '../attack/step.ts'
import { LOGITS } from '../classifier/classifier.ts'
import { inputsAsWeights, prune } from '../onnx/edit.ts'
import type { Runtime, Session } from '../runtime/session.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Network } from '../zoo/network.ts'
import type { Recipe } from './recipe.ts'
import { sgdStepGraph } from './sgd.ts'
import { type DropoutMask, openWeights, trainingForm } from './training-form.ts'

export interface TrainingSessions {
  readonly update: Session
  /** Inputs of `update` that want random multipliers. */
  readonly masks: readonly DropoutMask[]
  /** Loads the attack's step for these weights; whoever does disposes it. */
  attack(weights: Readonly<Record<string, Tensor>>): Promise<Session>
  readonly infer: Session
  dispose(): Promise<void>
}

export async function loadSessions(
  network: Network,
  recipe: Recipe,
  runtime: Runtime,
): Promise<TrainingSessions> {
  const form = trainingForm(network)
  const open = openWeights(network)
  const update = await runtime.load(sgdStepGraph(form.graph, network.parameters, recipe))
  const attack = recipe.adversarial && attackStepGraph(open, norms[recipe.adversarial.norm])
  const infer = await runtime.load(prune(open, [LOGITS]))
  return {
    update,
    masks: form.masks,
    async attack(weights) {
      if (attack === undefined) throw new Error('the recipe has no attack')
      return runtime.load(inputsAsWeights(attack, weights))
    },
    infer,
    async dispose() {
      await Promise.all([update.dispose(), infer.dispose()])
    },
  }
}
