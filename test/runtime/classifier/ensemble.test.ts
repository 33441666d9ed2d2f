// Several networks as one: the mean of their logits and of their gradients, and who fits together.

import { afterAll, expect, it } from 'vitest'
import type { Classifier } from '../../../src/classifier/classifier.ts'
import { createClassifier } from '../../../src/classifier/create.ts'
import { ensembleOf } from '../../../src/classifier/ensemble.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { buildNetwork } from '../../../src/zoo/architectures.ts'
import { expectClose } from '../../support/allclose.ts'

const runtime = nodeRuntime({ threads: 1 })
const models: Classifier[] = []
afterAll(() => Promise.all(models.map(model => model.dispose())))

async function made(seed: number, { arch = 'mini-alex', size = 16, classes = ['a', 'b', 'c'] } = {}) {
  const network = buildNetwork(arch, { classes: classes.length, size, width: 4, random: new Random(seed) })
  // Members that normalise differently: each must keep its own.
  const preprocessing = { ...network.preprocessing, mean: [0.1 * seed, 0.2, 0.3] as [number, number, number] }
  const model = await createClassifier({ ...network, preprocessing, name: `net ${seed}`, classes, runtime })
  models.push(model)
  return model
}

const random = new Random(5)
const images = float32(
  [4, 3, 16, 16],
  Float32Array.from({ length: 4 * 3 * 256 }, () => random.uniform()),
)

it('answers with the mean of the logits, and keeps the layers of all', async () => {
  const members = [await made(1), await made(2, { arch: 'mini-res' }), await made(3)]
  const ensemble = await ensembleOf(members)
  models.push(ensemble)
  const each = await Promise.all(members.map(member => member.logits(images)))
  const mean = each[0]!.data.map((_, i) => each.reduce((sum, { data }) => sum + data[i]! / 3, 0))
  expectClose((await ensemble.logits(images)).data, mean, { absolute: 1e-5 })
  expect(ensemble.name).toBe('net 1 + net 2 + net 3')
  const [first] = members[1]!.layers
  const own = await members[1]!.activations(images, [first!.name])
  const there = await ensemble.activations(images, [`1.${first!.name}`])
  expectClose(there[`1.${first!.name}`]!.data, own[first!.name]!.data, { absolute: 1e-5 })
})

it('has the gradient of the cross-entropy of the mean', async () => {
  const ensemble = await ensembleOf([await made(1), await made(2)])
  models.push(ensemble)
  const labels = Int32Array.of(0, 1, 2, 0)
  const { gradient, loss } = await ensemble.lossGradient(images, labels)
  const step = 1e-2 / Math.hypot(...gradient.data)
  const at = async (sign: number) => {
    const data = images.data.map((value, i) => value + sign * step * gradient.data[i]!)
    const moved = await ensemble.lossGradient(float32(images.shape, data), labels)
    return moved.loss.data.reduce((sum, value) => sum + value, 0)
  }
  const slope = ((await at(1)) - (await at(-1))) / (2 * step)
  expect(slope / gradient.data.reduce((sum, g) => sum + g * g, 0)).toBeCloseTo(1, 2)
  expect(loss.data).toHaveLength(4)
})

it('takes two networks or more, of the same classes and size', async () => {
  const one = await made(1)
  await expect(ensembleOf([one])).rejects.toThrow('an ensemble has at least two networks, found 1')
  await expect(ensembleOf([one, await made(2, { size: 32 })])).rejects.toThrow(
    'the networks of an ensemble take images of one size: net 1 takes 16x16, net 2 32x32',
  )
  await expect(ensembleOf([one, await made(2, { classes: ['a', 'c', 'b'] })])).rejects.toThrow(
    'class 1 of net 1 is b, of net 2 c',
  )
  await expect(ensembleOf([one, await made(2, { classes: ['a', 'b', 'c', 'd'] })])).rejects.toThrow(
    'class 3 of net 1 is missing, of net 2 d',
  )
})
