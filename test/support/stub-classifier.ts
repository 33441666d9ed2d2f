// A classifier that is a function: for tests of what is done with a network's answers.

import type { Classifier } from '../../src/classifier/classifier.ts'
import type { Graph } from '../../src/onnx/graph.ts'
import { type FloatTensor, float32 } from '../../src/tensor/tensor.ts'
import { plainPreprocessing } from './plain-preprocessing.ts'

const unused = (): never => {
  throw new Error('the stub classifier only gives logits')
}

/**
 * @param scores logits of one image, given its pixels `[3, h, w]` and its place in the batch
 * @param graph where a test looks at weights
 */
export function stubClassifier(
  classes: readonly string[],
  size: number,
  scores: (pixels: Float32Array) => readonly number[],
  graph?: Graph,
): Classifier {
  return {
    name: 'stub',
    classes,
    preprocessing: plainPreprocessing(size),
    get graph() {
      return graph ?? unused()
    },
    layers: [],
    fingerprint: 'stub',
    get runtime() {
      return unused()
    },
    async logits({ shape, data }: FloatTensor) {
      const [n = 0] = shape
      const stride = data.length / Math.max(1, n)
      const rows = Array.from({ length: n }, (_, i) => scores(data.subarray(i * stride, (i + 1) * stride)))
      return float32([n, classes.length], rows.flat())
    },
    lossGradient: unused,
    activations: unused,
    derived: unused,
    without: unused,
    async dispose() {},
  }
}
