import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { InputError } from '../../../src/errors/input-error.ts'
import { producers } from '../../../src/onnx/graph.ts'
import { Random } from '../../../src/tensor/random.ts'
import { asFloat32 } from '../../../src/tensor/tensor.ts'
import {
  architectures,
  buildNetwork,
  LOGITS,
  type Network,
  shapesActivation,
} from '../../../src/zoo/index.ts'
import { averagingMatrix } from '../../../src/zoo/pooling.ts'

const Entry = z.tuple([z.string(), z.array(z.number())])
const golden = z
  .record(
    z.string(),
    z.object({
      parameters: z.array(Entry),
      buffers: z.array(Entry),
      spread: z.record(z.string(), z.tuple([z.number(), z.number()])),
    }),
  )
  .parse(JSON.parse(readFileSync('test/fixtures/zoo/torchvision-names.json', 'utf8')))

const shapes = (network: Network, names: readonly string[]) =>
  names.map(name => [name, network.graph.initializers.get(name)?.shape])

const options = (arch: string) => ({ classes: 1000, ...(arch === 'googlenet' ? { auxiliary: true } : {}) })

describe.each(Object.keys(golden))('%s', arch => {
  it('has torchvision names, shapes and order', () => {
    const network = buildNetwork(arch, options(arch))
    expect(shapes(network, network.parameters)).toEqual(golden[arch]!.parameters)
    expect(shapes(network, network.buffers)).toEqual(golden[arch]!.buffers)
  })
})

describe.each(['alexnet', 'googlenet', 'resnet18'])('fresh weights of %s', arch => {
  it('are spread as torchvision spreads them', () => {
    const network = buildNetwork(arch, { ...options(arch), random: new Random(7) })
    for (const [name, [std, largest]] of Object.entries(golden[arch]!.spread)) {
      const weights = network.graph.initializers.get(name)!.data as Float32Array
      let [sum, squares, most] = [0, 0, 0]
      for (const w of weights) {
        sum += w
        squares += w * w
        most = Math.max(most, Math.abs(w))
      }
      const ours = Math.sqrt(squares / weights.length - (sum / weights.length) ** 2)
      // Four standard errors of the ratio of two such estimates.
      expect(Math.abs(ours / std - 1), `${name} std`).toBeLessThan(4 / Math.sqrt(weights.length))
      // The extremes tell a uniform from a normal distribution.
      expect(Math.abs(most / largest - 1), `${name} largest`).toBeLessThan(0.35)
    }
  })
})

describe.each(architectures)('%s', arch => {
  const classes = 7
  const network = buildNetwork(arch, { classes })

  it('accounts for every initializer', () => {
    const known = new Set([...network.parameters, ...network.buffers])
    const others = [...network.graph.initializers].filter(([name]) => !known.has(name))
    expect(others.filter(([, value]) => value.data.length > 3)).toEqual([])
    expect(network.graph.outputs).toEqual([{ name: LOGITS, dtype: 'float32', shape: ['n', classes] }])
  })

  it('has units behind activations only', () => {
    const made = producers(network.graph)
    for (const { name, value } of network.layers) {
      const kind = made.get(value)?.opType
      expect([name, kind]).toEqual([name, /^inception/.test(name) ? 'Concat' : 'Relu'])
    }
  })
})

describe.each(['mini-alex', 'mini-res', 'alexnet', 'googlenet', 'resnet18'])('%s', arch => {
  const count = (network: Network, opType: string) =>
    network.graph.nodes.filter(node => node.opType === opType).length
  const plain = buildNetwork(arch, { classes: 4 })

  it('has another activation everywhere, with one beta each where it learns one', () => {
    const smooth = buildNetwork(arch, {
      classes: 4,
      activation: 'smooth-relu',
      sharpness: 5,
      random: new Random(0),
    })
    const betas = smooth.parameters.filter(shapesActivation)
    expect(betas).toHaveLength(count(plain, 'Relu'))
    expect(smooth.parameters.filter(name => !shapesActivation(name))).toEqual(plain.parameters)
    expect(smooth.graph.initializers.get(betas[0]!)!.data[0]).toBeCloseTo(Math.log(5), 6)
    const silu = buildNetwork(arch, { classes: 4, activation: 'silu' })
    expect([count(silu, 'Relu'), count(silu, 'Sigmoid')]).toEqual([0, count(plain, 'Relu')])
    expect(silu.layers.map(({ name }) => name)).toEqual(plain.layers.map(({ name }) => name))
  })

  it('has four denoising blocks that change nothing at first', () => {
    const network = buildNetwork(arch, { classes: 4, denoise: 'bilateral', random: new Random(0) })
    const scales = network.parameters.filter(name => /^denoise\d\.bn\.weight$/.test(name))
    expect(scales).toHaveLength(4)
    for (const name of scales)
      expect(asFloat32(network.graph.initializers.get(name)!).data.every(scale => scale === 0)).toBe(true)
  })
})

it.each([
  ['mini-alex', 3, ['conv1', 'conv2', 'conv3']],
  ['mini-alex', 7, ['conv1', 'conv2', 'conv3', 'conv4', 'conv5', 'conv6', 'conv7']],
  ['mini-res', 3, ['conv1', 'layer1', 'layer2', 'layer3']],
])('%s of depth %d has the layers %j', (arch, depth, layers) => {
  const network = buildNetwork(arch, { classes: 4, width: 4, depth })
  expect(network.layers.map(({ name }) => name)).toEqual(layers)
  const blocks = network.parameters.filter(name => /^layer1(\.\d)?\.conv1\.weight$/.test(name))
  expect(blocks).toHaveLength(arch === 'mini-res' ? depth : 0)
  expect(network.spec.depth).toBe(depth)
})

it('refuses a depth that the architecture does not have', () => {
  expect(() => buildNetwork('mini-alex', { classes: 4, depth: 2 })).toThrow(
    'at least 3 convolutions, found depth 2',
  )
  expect(() => buildNetwork('resnet18', { classes: 4, depth: 2 })).toThrow('resnet18 has no option depth')
})

it('draws the same weights for the same seed, others for another, whatever else is drawn', () => {
  const weights = (seed: number, arch = 'mini-alex', classes = 10) =>
    buildNetwork(arch, { classes, random: new Random(seed) }).graph.initializers
  expect(weights(3)).toEqual(weights(3))
  expect(weights(4).get('conv3.weight')).not.toEqual(weights(3).get('conv3.weight'))
  expect(weights(3, 'mini-alex', 5).get('conv3.weight')).toEqual(weights(3).get('conv3.weight'))
  expect(weights(3).get('conv4.weight')).not.toEqual(weights(3).get('conv5.weight'))
})

it('names the layers the paper names', () => {
  const layers = (arch: string) =>
    buildNetwork(arch, { classes: 10 }).layers.map(({ name, units }) => `${name}:${units}`)
  expect(layers('alexnet').join(' ')).toBe(
    'features.1:64 features.4:192 features.7:384 features.9:256 features.11:256',
  )
  expect(layers('resnet50').join(' ')).toBe('conv1:64 layer1:256 layer2:512 layer3:1024 layer4:2048')
  expect(layers('googlenet').join(' ')).toBe(
    'conv1:64 conv2:64 conv3:192 inception3a:256 inception3b:480 inception4a:512 inception4b:512 ' +
      'inception4c:512 inception4d:528 inception4e:832 inception5a:832 inception5b:1024',
  )
  expect(layers('mini-alex').join(' ')).toBe('conv1:32 conv2:64 conv3:96 conv4:96 conv5:96')
  expect(layers('mini-res').join(' ')).toBe('conv1:32 layer1:32 layer2:64 layer3:128')
})

it('averages over the windows of adaptive pooling', () => {
  expect([...averagingMatrix(4, 2)]).toEqual([0.5, 0.5, 0, 0, 0, 0, 0.5, 0.5])
  const third = Math.fround(1 / 3)
  expect([...averagingMatrix(5, 2)]).toEqual([third, third, third, 0, 0, 0, 0, third, third, third])
})

it.each([
  ['alexnot', { classes: 10 }, /unknown architecture: alexnot \(known: mini-alex/],
  ['constructor', { classes: 10 }, /unknown architecture/],
  ['alexnet', { classes: 0 }, /alexnet: classes/],
  ['alexnet', { classes: 10, width: 8 }, /alexnet has no option width/],
  ['mini-res', { classes: 10, auxiliary: true }, /mini-res has no option auxiliary/],
  ['alexnet', { classes: 10, size: 20 }, /use larger images/],
])('refuses %s with %o', (arch, wrong, message) => {
  expect(() => buildNetwork(arch, wrong)).toThrow(InputError)
  expect(() => buildNetwork(arch, wrong)).toThrow(message)
})
