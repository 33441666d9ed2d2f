import { describe, expect, test } from 'vitest'
import { discoverLayers } from '../../../src/classifier/discover.ts'
import { foldPreprocessing } from '../../../src/classifier/fold.ts'
import { summarise } from '../../../src/classifier/summary.ts'
import { GraphBuilder } from '../../../src/onnx/builder.ts'
import { zeros } from '../../../src/tensor/tensor.ts'
import { buildNetwork } from '../../../src/zoo/architectures.ts'

const folded = (arch: string) => {
  const network = buildNetwork(arch, { classes: 1000 })
  return { network, graph: foldPreprocessing(network.graph, network.preprocessing).graph }
}

describe('summary', () => {
  // Parameters and GMACs as torchvision's documentation of the pretrained weights gives them (num_params, _ops).
  test.each([
    ['alexnet', 61_100_840, 0.714],
    ['googlenet', 6_624_904, 1.498],
    ['resnet18', 11_689_512, 1.814],
    ['resnet50', 25_557_032, 4.089],
  ])('%s has %i parameters and %d GMACs', (arch, parameters, gmacs) => {
    const { network, graph } = folded(arch)
    const summary = summarise(graph, network.layers)
    expect(summary.parameters).toBe(parameters)
    expect(summary.macs / 1e9).toBeCloseTo(gmacs, 3)
    expect(summary.input).toEqual([3, 224, 224])
    // What leads to the layers and what follows the last is all there is.
    const inLayers = summary.layers.reduce((sum, layer) => sum + layer.parameters, 0)
    expect(inLayers).toBeLessThan(parameters)
    expect(inLayers).toBeGreaterThan(arch === 'alexnet' ? 2e6 : 0.8 * (parameters - 2_100_000))
  })

  // Receptive fields of AlexNet: Araujo, Norris, Sim 2019 give 195 behind the last pooling, which adds 2 x 16.
  test('receptive fields of AlexNet', () => {
    const { network, graph } = folded('alexnet')
    const { layers } = summarise(graph, network.layers)
    expect(layers.map(layer => layer.receptiveField[0])).toEqual([11, 51, 99, 131, 163])
    expect(layers.map(layer => layer.shape)).toEqual([
      [64, 55, 55],
      [192, 27, 27],
      [384, 13, 13],
      [256, 13, 13],
      [256, 13, 13],
    ])
  })

  test('receptive fields end at the image', () => {
    const { network, graph } = folded('resnet50')
    const { layers } = summarise(graph, network.layers)
    expect(layers.map(layer => layer.receptiveField[0])).toEqual([7, 35, 91, 224, 224])
  })
})

describe('discovered layers', () => {
  test('include those that the zoo names', () => {
    for (const arch of ['mini-alex', 'mini-res', 'googlenet', 'resnet18', 'resnet50']) {
      const { network, graph } = folded(arch)
      const found = new Map(discoverLayers(graph).map(layer => [layer.value, layer.units]))
      for (const { value, units } of network.layers)
        expect([arch, value, found.get(value)]).toEqual([arch, value, units])
    }
  })

  test('have the names of modules: of a block for its sum, of a convolution otherwise', () => {
    const names = discoverLayers(folded('resnet50').graph).map(layer => layer.name)
    expect(names.slice(0, 5)).toEqual([
      'conv1',
      'layer1.0.conv1',
      'layer1.0.conv2',
      'layer1.0',
      'layer1.1.conv1',
    ])
    expect(names).toHaveLength(49)
    expect(new Set(names).size).toBe(49)
    expect(discoverLayers(folded('googlenet').graph).map(layer => layer.name)).toContain('inception4a')
  })

  /** Two convolutions, each followed by SiLU, whose nodes are named by `name`. */
  function twoConvolutions(name: (index: number) => string): string[] {
    const builder = new GraphBuilder('net')
    let x = builder.input('images', 'float32', ['n', 3, 16, 16])
    for (let i = 0; i < 2; i++) {
      const weight = builder.initializer(`onnx::Conv_${i}`, zeros('float32', [4 + i, i === 0 ? 3 : 4, 3, 3]))
      x = builder.op('Conv', [x, weight], {}, { name: name(i) })
      x = builder.op('Mul', [x, builder.op('Sigmoid', [x])])
    }
    builder.output(builder.op('GlobalAveragePool', [x]), 'float32', undefined, 'logits')
    return discoverLayers(builder.build()).map(layer => `${layer.name} ${layer.units}`)
  }

  test('are named after nodes where weights have no names', () => {
    // PyTorch's exporter, nested containers; TensorFlow's; and nothing to go by.
    expect(twoConvolutions(i => `/features/features.1/block/block.${i}/block.${i}.0/Conv`)).toEqual([
      'features.1.block.0.0 4',
      'features.1.block.1.0 5',
    ])
    expect(twoConvolutions(i => `net/conv${i}_conv/Conv2D`)).toEqual(['net.conv0_conv 4', 'net.conv1_conv 5'])
    expect(twoConvolutions(i => `Conv_${i}`)).toEqual(['conv1 4', 'conv2 5'])
  })
})
