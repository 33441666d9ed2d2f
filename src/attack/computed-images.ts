// A classifier whose images are computed in the graph: a step of an attack first, then the network's answer to
// where it led, in one run.

import { IMAGES } from '../classifier/classifier.ts'
import { InputError } from '../errors/input-error.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import type { Dim, Graph } from '../onnx/graph.ts'

/** The graph's input of images `[n, 3, h, w]`. @throws InputError when there is none of known shape. */
export function imagesShape(classifier: Graph): readonly Dim[] {
  const shape = classifier.inputs.find(input => input.name === IMAGES)?.shape
  if (shape === undefined)
    throw new InputError(`an attack needs a graph with an input ${IMAGES} of known shape`)
  return shape
}

/**
 * The classifier with the value {@link IMAGES} no longer an input but computed, and an output.
 * @param compute appends nodes and inputs, and returns the value that becomes the images; it is given their
 *   shape.
 */
export function withComputedImages(
  classifier: Graph,
  compute: (builder: GraphBuilder, shape: readonly Dim[]) => string,
): Graph {
  const shape = imagesShape(classifier)
  const inputs = classifier.inputs.filter(input => input.name !== IMAGES)
  const builder = new GraphBuilder({ ...classifier, inputs })
  builder.output(compute(builder, shape), 'float32', shape, IMAGES)
  const { nodes, ...rest } = builder.build()
  const [network, step] = [nodes.slice(0, classifier.nodes.length), nodes.slice(classifier.nodes.length)]
  return { ...rest, nodes: [...step, ...network] }
}
