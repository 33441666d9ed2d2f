// The graphs of a training run, loaded: the SGD step, the attack's step, and plain inference, all with weights
// as inputs.

import { norms } from '../attack/norm.ts'
import { attackStepGraph } from '../attack/step.ts'
import { LOGITS } from '../classifier/classifier.ts'
import { prune } from '../onnx/edit.ts'
import type { Runtime, Session } from '../runtime/session.ts'
import type { Network } from '../zoo/network.ts'
import type { Recipe } from './recipe.ts'
import { sgdStepGraph } from './sgd.ts'
import { type DropoutMask, openWeights, trainingForm } from './training-form.ts'

export interface TrainingSessions {
  readonly update: Session
  /** Inputs of `update` that want random multipliers. */
  readonly masks: readonly DropoutMask[]
  readonly attack: Session | undefined
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
  const attack =
    recipe.adversarial && (await runtime.load(attackStepGraph(open, norms[recipe.adversarial.norm])))
  const infer = await runtime.load(prune(open, [LOGITS]))
  return {
    update,
    masks: form.masks,
    attack,
    infer,
    async dispose() {
      await Promise.all([update, attack, infer].map(session => session?.dispose()))
    },
  }
}
