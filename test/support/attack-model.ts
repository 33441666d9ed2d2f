// The small net of attack-net.ts as a classifier, with images it is sure about to try.

import { predictions } from '../../src/attack/criterion.ts'
import type { Classifier } from '../../src/classifier/classifier.ts'
import { createClassifier } from '../../src/classifier/create.ts'
import type { Graph } from '../../src/onnx/graph.ts'
import { nodeRuntime } from '../../src/runtime/node.ts'
import type { FloatTensor } from '../../src/tensor/tensor.ts'
import { attackNet } from './attack-net.ts'
import { attackNetClassifier } from './attack-net-classifier.ts'
import { formulaImages } from './formula-weights.ts'
import { plainPreprocessing } from './plain-preprocessing.ts'

/** The net itself, or a graph made of it. */
export function attackModel(graph?: Graph): Promise<Classifier> {
  if (graph === undefined) return attackNetClassifier()
  return createClassifier({
    name: 'attack-net',
    graph,
    runtime: nodeRuntime({ threads: 1 }),
    preprocessing: plainPreprocessing(attackNet.size),
    classes: ['a', 'b', 'c', 'd', 'e'],
  })
}

/** `count` images from seed 1000 on, with the classes that the model gives them. */
export async function decidedImages(
  model: Classifier,
  count: number,
): Promise<{ images: FloatTensor; labels: Int32Array }> {
  const images = formulaImages(
    Array.from({ length: count }, (_, i) => 1000 + i),
    attackNet.size,
  )
  return { images, labels: predictions(await model.logits(images)) }
}
