// What synthesis brings down: a value with a name that adds and scales. An objective appends its nodes to the
// graph of a step and feeds the tensors it compares with; it computes nothing itself.

import type { Classifier } from '../classifier/classifier.ts'
import type { GraphBuilder } from '../onnx/builder.ts'
import type { Dim } from '../onnx/graph.ts'
import type { FloatTensor } from '../tensor/tensor.ts'

/** What of a classifier objectives look at. */
export type SynthesisModel = Pick<Classifier, 'name' | 'classes' | 'layers' | 'graph' | 'preprocessing'>

/** The graph of a step as an objective sees it: values by name. */
export interface Scene {
  readonly builder: GraphBuilder
  /** The picture before transforms, `[n, 3, h, w]` in [0, 1]. */
  readonly picture: string
  /** `[n, classes]`, of the transformed picture. */
  readonly logits: string
  /** The activations of a layer `[n, units, h, w]` (or `[n, units]`), of the transformed picture. */
  layer(name: string): {
    readonly value: string
    readonly shape: readonly Dim[]
    /** What goes into the Relu whose output the layer is; undefined where it is none. */
    readonly beforeRelu: string | undefined
  }
  /** The tensor that the objective feeds under `name`. */
  feed(name: string): string
}

export interface Objective {
  /**
   * In words. Two objectives of one name append the same nodes; they may differ in what they feed.
   */
  readonly name: string
  /** Tensors by name, each with one row per picture. */
  readonly feeds: Readonly<Record<string, FloatTensor>>
  /** Appends the objective; the value is float32 `[n]`, one number per picture. */
  append(scene: Scene): string
}

/** The sum of objectives. */
export function plus(...terms: readonly Objective[]): Objective {
  const prefix = (i: number, name: string) => `${i}.${name}`
  return {
    name: terms.map(term => term.name).join(' + '),
    feeds: Object.fromEntries(
      terms.flatMap((term, i) =>
        Object.entries(term.feeds).map(([name, value]) => [prefix(i, name), value] as const),
      ),
    ),
    append(scene) {
      const parts = terms.map((term, i) =>
        term.append({ ...scene, feed: name => scene.feed(prefix(i, name)) }),
      )
      return parts.length === 1 ? parts[0]! : scene.builder.op('Sum', parts)
    },
  }
}

/** `weight` times an objective; a negative weight makes synthesis bring it up. */
export function times(weight: number, objective: Objective): Objective {
  return {
    name: weight === -1 ? `-(${objective.name})` : `${weight} x (${objective.name})`,
    feeds: objective.feeds,
    append: scene => scene.builder.op('Mul', [objective.append(scene), scene.builder.scalar(weight)]),
  }
}
