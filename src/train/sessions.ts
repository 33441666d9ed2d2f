// The graphs of a training run, loaded, with the weights as inputs. The steps of an attack run on the same weights
// many times, so they are left open and given once per batch.

import { norms } from '../attack/norm.ts'
import { attackStepGraph, EPSILON, LABELS, ORIGINALS, STEP_SIZE } from '../attack/step.ts'
import { IMAGES, LOGITS } from '../classifier/classifier.ts'
import { prune } from '../onnx/edit.ts'
import type { Graph } from '../onnx/graph.ts'
import type { Feeds, OpenSession, Runner, Runtime, Session } from '../runtime/session.ts'
import { asFloat32, type FloatTensor } from '../tensor/tensor.ts'
import type { Network } from '../zoo/network.ts'
import type { Recipe } from './recipe.ts'
import { robustValidationOf } from './robust-validation.ts'
import type { Scheme } from './schemes/scheme.ts'
import { stateForm } from './state.ts'
import { type DropoutMask, inferenceForm, trainingForm } from './training-form.ts'
import { updateGraph } from './update/update.ts'

export interface TrainingSessions {
  readonly update: Session
  /** Inputs of `update` that want random multipliers. */
  readonly masks: readonly DropoutMask[]
  /** The scheme's attack on these weights, with these values of the batch; what it returned before is void. */
  attack(weights: Feeds, values?: Feeds): Promise<Runner>
  /** The attack of robust validation on these weights; likewise. */
  validationAttack(weights: Feeds): Promise<Runner>
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
  const open = inferenceForm(network)
  const loss = scheme.loss(trainingForm(network))
  const options = { recipe, parameters: [...parameters.keys()], averaged: own }
  const update = await runtime.load(updateGraph(loss, options))
  const inference = await runtime.load(prune(open, [LOGITS]))
  const attack = scheme.step && (await OpenAttack.load(scheme.step, runtime))
  const validation = robustValidationOf(recipe)
  const judge = validation && (await OpenAttack.load(attackStepGraph(open, norms[validation.norm]), runtime))
  return {
    update,
    masks: loss.masks,
    attack: (weights, values) => required(attack).on({ ...weights, ...values }),
    validationAttack: weights => required(judge).on(weights),
    async infer(weights, images) {
      const feeds = Object.fromEntries(own.map(name => [name, weights[name]!]))
      const { [LOGITS]: logits } = await inference.run({ ...feeds, [IMAGES]: images })
      return asFloat32(logits!)
    },
    async dispose() {
      await Promise.all([update.dispose(), inference.dispose(), attack?.dispose(), judge?.dispose()])
    },
  }
}

function required(attack: OpenAttack | undefined): OpenAttack {
  if (attack === undefined) throw new Error('the recipe has no attack')
  return attack
}

/** What the loop of an attack feeds in every step; all other inputs hold for a batch. */
const perStep: ReadonlySet<string> = new Set([IMAGES, ORIGINALS, LABELS, EPSILON, STEP_SIZE])

class OpenAttack {
  private constructor(
    private readonly names: readonly string[],
    private readonly session: OpenSession,
  ) {}

  static async load(step: Graph, runtime: Runtime): Promise<OpenAttack> {
    const names = step.inputs.map(input => input.name).filter(name => !perStep.has(name))
    return new OpenAttack(names, await runtime.loadOpen(step, names, { imagesApart: true }))
  }

  /** @param values may hold more than is wanted */
  on(values: Feeds): Promise<Runner> {
    return this.session.with(
      Object.fromEntries(this.names.flatMap(name => (values[name] ? [[name, values[name]]] : []))),
    )
  }

  dispose(): Promise<void> {
    return this.session.dispose()
  }
}
