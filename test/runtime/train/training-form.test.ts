import { expect, it } from 'vitest'
import { foldPreprocessing } from '../../../src/classifier/fold.ts'
import { replaceOutputs } from '../../../src/onnx/edit.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { asFloat32, type Tensor } from '../../../src/tensor/tensor.ts'
import { inferenceForm, nextName, trainingForm } from '../../../src/train/training-form.ts'
import { buildNetwork } from '../../../src/zoo/index.ts'
import { expectTensorsClose } from '../../support/allclose.ts'
import { formulaImages, formulaWeight, withFormulaWeights } from '../../support/formula-weights.ts'

const network = buildNetwork('mini-alex', { classes: 3, size: 16, width: 4, random: new Random(0) })
const images = formulaImages([0, 1], 16)
const names = [...network.parameters, ...network.buffers]
const weights = () =>
  Object.fromEntries(
    names.map(name => [name, formulaWeight(name, network.graph.initializers.get(name)!.shape)]),
  )

it("keeps PyTorch's running statistics: momentum 0.1, unbiased variance", async () => {
  const { graph } = trainingForm(network)
  const session = await nodeRuntime().load(graph)
  const feeds: Record<string, Tensor> = { images, ...weights() }
  const result = await session.run(feeds)
  const inference = await nodeRuntime().load(replaceOutputs(trainingForm(network).graph, ['conv1']))
  const { conv1 } = await inference.run({ images, ...weights() })
  const x = asFloat32(conv1!)
  const [n, c, h, w] = x.shape as [number, number, number, number]
  const count = n * h * w
  for (let k = 0; k < c; k++) {
    const values = Array.from(
      { length: count },
      (_, i) => x.data[(Math.floor(i / (h * w)) * c + k) * h * w + (i % (h * w))]!,
    )
    const mean = values.reduce((sum, v) => sum + v, 0) / count
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (count - 1)
    const old = (name: string) => Number(weights()[name]!.data[k])
    const found = (name: string) => Number(result[nextName(name)]!.data[k])
    expect(found('bn1.running_mean')).toBeCloseTo(0.9 * old('bn1.running_mean') + 0.1 * mean, 5)
    expect(found('bn1.running_var')).toBeCloseTo(0.9 * old('bn1.running_var') + 0.1 * variance, 5)
  }
})

it('is the network in inference form, its batch normalisation in the convolutions', async () => {
  const graph = inferenceForm(network)
  expect(graph.nodes.some(node => node.opType === 'BatchNormalization')).toBe(false)
  const reference = foldPreprocessing(withFormulaWeights(network), network.preprocessing).graph
  const [open, whole] = await Promise.all([graph, reference].map(g => nodeRuntime().load(g)))
  const { logits } = await open!.run({ images, ...weights() })
  const expected = await whole!.run({ images })
  expectTensorsClose(logits!, expected.logits!, { relative: 1e-5, absolute: 1e-6 }, 'logits')
})

it('leaves the weights that were fed as they were', async () => {
  const session = await nodeRuntime().load(trainingForm(network).graph)
  const feeds: Record<string, Tensor> = { images, ...weights() }
  const first = await session.run(feeds)
  for (const [name, value] of Object.entries(weights())) expect(feeds[name]!.data, name).toEqual(value.data)
  const second = await session.run(feeds)
  expect(second).toEqual(first)
})

it('multiplies by a mask where the network drops out', async () => {
  const alexnet = buildNetwork('alexnet', { classes: 2, size: 63 })
  const { graph, masks } = trainingForm(alexnet)
  expect(masks.map(mask => [mask.shape, mask.ratio])).toEqual([
    [['n', 9216], 0.5],
    [['n', 4096], 0.5],
  ])
  expect(graph.nodes.some(node => node.opType === 'Dropout')).toBe(false)
})
