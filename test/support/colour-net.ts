// A network whose units are known: unit 0 answers to red, 1 to green, 2 to blue, and each is its class's score.

import type { ClassifierSource } from '../../src/classifier/create.ts'
import { GraphBuilder } from '../../src/onnx/builder.ts'
import { nodeRuntime } from '../../src/runtime/node.ts'
import { float32 } from '../../src/tensor/tensor.ts'
import { plainPreprocessing } from './plain-preprocessing.ts'

/** @param side height and width of its images. The one layer is called `colour`. */
export function colourNet(side: number): ClassifierSource {
  const b = new GraphBuilder('colours')
  b.input('images', 'float32', ['n', 3, side, side])
  const weights = b.constant(float32([3, 3, 1, 1], [1, 0, 0, 0, 1, 0, 0, 0, 1]))
  const maps = b.op('Relu', [b.op('Conv', ['images', weights])])
  const scores = b.op('Flatten', [b.op('GlobalAveragePool', [maps])])
  b.output(scores, 'float32', ['n', 3], 'logits')
  return {
    name: 'colours',
    graph: b.build(),
    layers: [{ name: 'colour', value: maps, units: 3 }],
    classes: ['red', 'green', 'blue'],
    runtime: nodeRuntime({ threads: 1 }),
    preprocessing: plainPreprocessing(side),
  }
}
