// The small net of attack-net.ts as a classifier, its first layer named.

import { createClassifier } from '../../src/classifier/create.ts'
import { nodeRuntime } from '../../src/runtime/node.ts'
import { attackNet, attackNetGraph } from './attack-net.ts'
import { plainPreprocessing } from './plain-preprocessing.ts'

export const attackNetClassifier = () =>
  createClassifier({
    name: 'attack-net',
    graph: attackNetGraph(),
    runtime: nodeRuntime({ threads: 1 }),
    preprocessing: plainPreprocessing(attackNet.size),
    classes: ['a', 'b', 'c', 'd', 'e'],
    layers: [{ name: 'first', value: 'relu1', units: 8 }],
  })
