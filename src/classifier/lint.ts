// What looks wrong with a model and its manifest, from the graph alone. Measuring on images is in check-data.ts.

import type { Graph } from '../onnx/graph.ts'
import { producers } from '../onnx/graph.ts'
import { imageInput, scoresOutput } from './border.ts'
import type { ModelManifest } from './manifest.ts'
import type { Preprocessing } from './preprocessing.ts'

export type LintCode =
  | 'double-normalisation'
  | 'no-normalisation'
  | 'channel-order'
  | 'range'
  | 'softmax-output'
  | 'size'
  | 'labels'
  | 'dead-units'
  | 'constant-output'
  | 'accuracy'

/** One thing that looks wrong. */
export interface Lint {
  readonly code: LintCode
  /** One sentence: what was seen, and what to do. */
  readonly message: string
}

/** Whether the manifest normalises beyond scaling to the range. */
export function normalises({ mean, std }: Pick<Preprocessing, 'mean' | 'std'>): boolean {
  return mean.some(m => m !== 0) || std.some(s => s !== 1)
}

/**
 * Lints of a graph as it was read, before its manifest is folded in.
 * @throws InputError when it is no image classifier.
 */
export function lintModel(graph: Graph, { preprocessing, origins }: ModelManifest): Lint[] {
  const lints: Lint[] = []
  const inside = normalisationInside(graph)
  const range = preprocessing.range === 1 ? '0-1' : '0-255'
  if (normalises(preprocessing) && inside !== undefined) {
    lints.push({
      code: 'double-normalisation',
      message: `the network normalises its input itself (${inside}), and the manifest does so before: set mean 0 and std 1`,
    })
  }
  if (!normalises(preprocessing) && inside === undefined && preprocessing.range === 1) {
    const origin = origins.mean === 'default' ? 'nobody said how' : `${origins.mean} says so`
    lints.push({
      code: 'no-normalisation',
      message: `neither the manifest nor the network normalises (${origin}), so it sees pixels of ${range}: most networks want --mean and --std`,
    })
  }
  lints.push(...outputLints(graph, preprocessing), ...sizeLints(preprocessing))
  return lints
}

function outputLints(graph: Graph, { output }: Preprocessing): Lint[] {
  const last = producers(graph).get(scoresOutput(graph).name)
  if (output !== 'logits' || last?.opType !== 'Softmax') return []
  return [
    {
      code: 'softmax-output',
      message: `the network ends in a Softmax (node ${last.name}), but the manifest calls its output logits: set output probabilities, or attacks see vanishing gradients`,
    },
  ]
}

function sizeLints({ size, resize, resizeTo, crop }: Preprocessing): Lint[] {
  const largest = Math.max(...size)
  if (crop === 'center' && resizeTo !== undefined && resizeTo < largest) {
    return [
      {
        code: 'size',
        message: `images are resized to ${resizeTo} but cropped to ${size.join('x')}: they get black borders; set resizeTo to at least ${largest}`,
      },
    ]
  }
  if (resize === 'short-side' && crop === 'none') {
    return [
      {
        code: 'size',
        message:
          'only the shorter side is resized and nothing is cropped: only square images will fit; set crop center',
      },
    ]
  }
  return []
}

/** Operators that a normalisation is made of; others end the search. */
const arithmetic = new Set(['Sub', 'Add', 'Mul', 'Div', 'BatchNormalization'])
const transparent = new Set(['Identity', 'Cast', 'Transpose', 'Reshape', 'Pad'])

/**
 * How the graph itself shifts its input before the first weighted operator (`Sub at node norm`), or undefined
 * when it does not. Scaling by one number alone is no normalisation.
 */
export function normalisationInside(graph: Graph): string | undefined {
  const readers = new Map<string, Graph['nodes'][number][]>()
  for (const node of graph.nodes)
    for (const input of node.inputs) readers.set(input, [...(readers.get(input) ?? []), node])
  let value = imageInput(graph).name
  for (;;) {
    const [node, ...others] = readers.get(value) ?? []
    if (node === undefined || others.length > 0)
      return splitNormalisation(others.length > 0, readers.get(value))
    if (arithmetic.has(node.opType)) {
      const constants = node.inputs.flatMap(input => graph.initializers.get(input) ?? [])
      const isShift = node.opType === 'Sub' || node.opType === 'Add' || node.opType === 'BatchNormalization'
      const perChannel = constants.some(constant => constant.data.length === 3)
      if (constants.length > 0 && (isShift || perChannel)) return `${node.opType} at node ${node.name}`
      if (constants.length === 0) return undefined
    } else if (!transparent.has(node.opType)) return undefined
    value = node.outputs[0]!
  }
}

/** torchvision's GoogLeNet and Inception take the channels apart and normalise each: `transform_input`. */
function splitNormalisation(isSplit: boolean, readers: Graph['nodes'] = []): string | undefined {
  const [first] = readers
  const takesChannels = isSplit && readers.every(node => node.opType === 'Gather' || node.opType === 'Slice')
  return takesChannels && first !== undefined ? `per channel from node ${first.name} on` : undefined
}
