// Expectation over transformation (Athalye et al. 2018): a network that draws at random, asked several times and
// averaged. To an attack the result is a classifier like any other.

import type { Classifier } from '../classifier/classifier.ts'
import type { Session } from '../runtime/session.ts'
import { float32, hasDType, type Tensor } from '../tensor/tensor.ts'
import { requireCount } from './attack.ts'

/**
 * `model` with the mean of `draws` answers in place of each answer: logits, losses, gradients. An attack whose step
 * is in the graph (PGD) averages its steps, which stay in ball and box. Decisions are those of the mean logits.
 * Sessions belong to `model`: dispose of that.
 * @throws InputError unless `draws` is a whole number from 1 on.
 */
export function expectation(model: Classifier, draws: number): Classifier {
  requireCount('draws', draws)
  const { name, classes, preprocessing, graph, layers, fingerprint, runtime } = model
  return {
    name,
    classes,
    preprocessing,
    graph,
    layers,
    fingerprint: `${fingerprint} mean of ${draws}`,
    runtime,
    logits: async images => (await mean(draws, async () => ({ logits: await model.logits(images) }))).logits,
    lossGradient: (images, labels) =>
      mean(draws, async () => ({ ...(await model.lossGradient(images, labels)) })),
    activations: (images, wanted) => mean(draws, () => model.activations(images, wanted)),
    derived: async (purpose, edit) => averaged(await model.derived(purpose, edit), draws),
    without: units => expectation(model.without(units), draws),
    dispose: () => model.dispose(),
  }
}

function averaged(session: Session, draws: number): Session {
  return {
    inputs: session.inputs,
    outputs: session.outputs,
    run: (feeds, wanted) => mean(draws, () => session.run(feeds, wanted)),
    dispose: () => session.dispose(),
  }
}

/** Mean of float values by name; others are those of the last draw. */
async function mean<T extends Tensor, R extends Record<string, T>>(
  draws: number,
  draw: () => Promise<R>,
): Promise<R> {
  const answers: R[] = []
  for (let k = 0; k < draws; k++) answers.push(await draw())
  const last = answers.at(-1)!
  for (const [name, value] of Object.entries(last)) {
    if (!hasDType(value, 'float32')) continue
    const sum = new Float64Array(value.data.length)
    for (const answer of answers) {
      const { data } = answer[name]!
      for (let i = 0; i < sum.length; i++) sum[i]! += Number(data[i]) / draws
    }
    value.data.set(float32(value.shape, Float32Array.from(sum)).data)
  }
  return last
}
