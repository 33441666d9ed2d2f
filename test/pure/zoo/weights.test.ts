import { expect, it } from 'vitest'
import type { StoredTensor } from '../../../src/checkpoint/index.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32, type Tensor, tensor } from '../../../src/tensor/tensor.ts'
import { applyWeights, buildNetwork, networkFrom } from '../../../src/zoo/index.ts'

const small = { size: 28, width: 2 }
const trained = buildNetwork('mini-alex', { classes: 3, ...small, random: new Random(5) })
const stored = (value: Tensor): StoredTensor => ({ ...value, read: () => value })
const weightsOf = ({ graph, parameters, buffers } = trained) =>
  new Map([...parameters, ...buffers].map(name => [name, stored(graph.initializers.get(name)!)]))

const changed = (edit: (weights: Map<string, StoredTensor>) => void) => {
  const weights = weightsOf()
  edit(weights)
  return weights
}

it('takes over weights and the number of classes', () => {
  const weights = changed(w => w.set('bn1.num_batches_tracked', stored(float32([], [9]))))
  expect(networkFrom('mini-alex', weights, small)).toEqual(trained)
})

it('widens other element types', () => {
  const half = changed(w =>
    w.set('fc7.bias', stored(tensor('float16', [3], Uint16Array.of(0x3c00, 0xb800, 0)))),
  )
  const network = applyWeights(trained, half)
  expect(network.graph.initializers.get('fc7.bias')).toEqual(float32([3], [1, -0.5, 0]))
  // The network it started from is as it was.
  expect(trained.graph.initializers.get('fc7.bias')).toEqual(float32([3], [0, 0, 0]))
})

it('leaves out heads that GoogLeNet does not have', () => {
  const network = buildNetwork('googlenet', { classes: 2 })
  const headed = buildNetwork('googlenet', { classes: 2, auxiliary: true })
  expect(applyWeights(network, weightsOf(headed)).parameters).toEqual(network.parameters)
  expect(() => applyWeights(headed, weightsOf(network))).toThrow(
    /missing aux1.conv.conv.weight, .* and \d+ more$/,
  )
})

it.each<[string, Map<string, StoredTensor>, string]>([
  [
    'missing and unexpected',
    changed(w => {
      w.set('head.weight', w.get('fc7.weight')!)
      w.delete('fc7.weight')
      w.delete('bn3.running_var')
    }),
    'the checkpoint does not fit mini-alex: missing fc7.weight, bn3.running_var; unexpected head.weight',
  ],
  [
    'misshapen',
    changed(w => w.set('conv1.weight', stored(float32([2, 1, 1, 1], [1, 2])))),
    'the checkpoint does not fit mini-alex: conv1.weight is [2, 1, 1, 1] instead of [2, 3, 7, 7]',
  ],
  [
    'NaN',
    changed(w => w.set('fc7.bias', stored(float32([3], [1, Number.NaN, 1])))),
    'the checkpoint has NaN in fc7.bias: it is damaged or diverged',
  ],
])('refuses %s weights', (_, weights, message) => {
  expect(() => networkFrom('mini-alex', weights, small)).toThrow(message)
})

it('names what is missing when the classes cannot be known', () => {
  expect(() => networkFrom('resnet18', weightsOf())).toThrow(
    /^the checkpoint does not fit resnet18: missing layer1.0.conv1.weight.* and \d+ more; unexpected/,
  )
})
