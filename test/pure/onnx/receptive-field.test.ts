import { describe, expect, it } from 'vitest'
import { receptiveFields } from '../../../src/onnx/receptive-field.ts'
import { buildNetwork } from '../../../src/zoo/architectures.ts'
import { IMAGES } from '../../../src/zoo/network.ts'

describe('receptive fields', () => {
  // By hand: 7x7/2 and 3x3/2 give 11; each 3x3 adds twice the stride before it. ResNet-50: 3 x 8, 8 + 3 x 16,
  // 16 + 5 x 32, 32 + 2 x 64 more; ResNet-101 has 17 more at stride 16. AlexNet: 11x11/4, 3/2, 5x5, 3/2, 3 x 3x3.
  it.each([
    ['alexnet', 'features.11', 163, 16],
    ['resnet50', 'layer4', 427, 32],
    ['resnet101', 'layer4', 971, 32],
  ])('of %s at %s are %i pixels wide, %i apart', (arch, name, size, stride) => {
    const network = buildNetwork(arch, { classes: 10 })
    const layer =
      network.layers.find(l => l.name === name || l.value.includes(name)) ?? network.layers.at(-1)!
    const field = receptiveFields(network.graph, IMAGES).get(layer.value)!
    for (const axis of field) expect(axis).toMatchObject({ size, stride })
  })

  it('centre cell i of a 7x7 stride-2 convolution with padding 3 on pixel 2 i', () => {
    const network = buildNetwork('mini-alex', { classes: 16 })
    const field = receptiveFields(network.graph, IMAGES).get(network.layers[0]!.value)
    expect(field).toEqual([
      { size: 7, stride: 2, start: 0 },
      { size: 7, stride: 2, start: 0 },
    ])
  })
})
