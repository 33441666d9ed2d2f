// Several networks as one, whose logits are the mean of theirs. An attack on it looks for images that mislead all of
// them at once, which mislead a network that the attacker does not have more often than images made on one (Liu et al.
// 2017, Delving into transferable adversarial examples; the mean of logits is Dong et al. 2018, equation 7).

import { InputError } from '../errors/input-error.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import { renameValues } from '../onnx/edit.ts'
import type { Graph } from '../onnx/graph.ts'
import { type Classifier, IMAGES, LOGITS } from './classifier.ts'
import { createClassifier } from './create.ts'
import type { Preprocessing } from './preprocessing.ts'

/**
 * The mean of the members' logits, as one graph: all that is made of graphs (gradients, attacks' steps) works on it.
 * Its layers are those of the members, as `0.conv1`. The members are left as they are; dispose of them apart.
 * @throws InputError for fewer than two members, and unless they decide among the same classes on images of one size.
 */
export async function ensembleOf(members: readonly Classifier[]): Promise<Classifier> {
  const [first, ...others] = members
  if (first === undefined || others.length === 0) {
    throw new InputError(`an ensemble has at least two networks, found ${members.length}`)
  }
  const { size } = first.preprocessing
  for (const other of others) {
    const sizes = [other.preprocessing.size, size].map(([height, width]) => `${height}x${width}`)
    if (sizes[0] !== sizes[1]) {
      throw new InputError(
        `the networks of an ensemble take images of one size: ${first.name} takes ${sizes[1]}, ${other.name} ${sizes[0]}`,
      )
    }
    const differs = first.classes.findIndex((name, c) => other.classes[c] !== name)
    if (differs >= 0 || other.classes.length !== first.classes.length) {
      const at = differs < 0 ? first.classes.length : differs
      throw new InputError(
        `the networks of an ensemble decide among the same classes: class ${at} of ${first.name} is ` +
          `${first.classes[at] ?? 'missing'}, of ${other.name} ${other.classes[at] ?? 'missing'}`,
      )
    }
  }
  return createClassifier({
    name: members.map(({ name }) => name).join(' + '),
    graph: meanOfLogits(members.map(({ graph }, k) => apart(graph, k))),
    runtime: first.runtime,
    // How files become images is the first one's; from there on each has its own.
    preprocessing: { ...first.preprocessing, ...folded },
    classes: first.classes,
    layers: members.flatMap(({ layers }, k) =>
      layers.map(layer => ({ ...layer, name: `${k}.${layer.name}`, value: valueIn(k, layer.value) })),
    ),
  })
}

/** What the members' graphs do themselves. */
const folded = {
  channels: 'rgb',
  range: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  output: 'logits',
} satisfies Partial<Preprocessing>

const valueIn = (k: number, value: string) => (value === IMAGES ? IMAGES : `${k}.${value}`)

/** The graph with names of its own for all but the images. */
function apart(graph: Graph, k: number): Graph {
  const names = new Map<string, string>()
  const add = (name: string) => name && names.set(name, valueIn(k, name))
  for (const name of graph.initializers.keys()) add(name)
  for (const node of graph.nodes) for (const output of node.outputs) add(output)
  const renamed = renameValues(graph, names)
  return { ...renamed, nodes: renamed.nodes.map(node => ({ ...node, name: `${k}.${node.name}` })) }
}

function meanOfLogits(graphs: readonly Graph[]): Graph {
  const [first] = graphs
  const builder = new GraphBuilder({
    name: 'ensemble',
    inputs: first!.inputs,
    outputs: [],
    nodes: graphs.flatMap(({ nodes }) => nodes),
    initializers: new Map(graphs.flatMap(({ initializers }) => [...initializers])),
    opsets: new Map(graphs.flatMap(({ opsets }) => [...opsets])),
    metadata: new Map(),
  })
  const logits = graphs.map((_, k) => valueIn(k, LOGITS))
  const [{ dtype, shape } = { dtype: 'float32' as const, shape: undefined }] = first!.outputs
  builder.output(builder.op('Mean', logits), dtype, shape ?? ['n', 'classes'], LOGITS)
  return builder.build()
}
