// The ONNX backend test cases (Debian package libonnx-testdata): a model of one or few operators, inputs, and the
// outputs that ONNX's reference implementation gives.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { InputError } from '../../src/errors/input-error.ts'
import { checkGraph } from '../../src/onnx/check.ts'
import type { Graph } from '../../src/onnx/graph.ts'
import { parseOnnx } from '../../src/onnx/parse.ts'
import { readTensor } from '../../src/onnx/tensor-proto.ts'
import { upgrade } from '../../src/onnx/upgrade.ts'
import type { Tensor } from '../../src/tensor/tensor.ts'

const root = '/usr/share/libonnx-testdata/data'

/** Why the cases cannot be used here; undefined when they can. */
export const nodeCasesMissing = existsSync(`${root}/node`)
  ? undefined
  : 'the Debian package libonnx-testdata is not installed'

export interface NodeCase {
  readonly name: string
  readonly bytes: Uint8Array
  /** At the current opset, whatever the file's is. */
  graph(): Graph
  /** By input and output name; undefined when one is no tensor of a known type. */
  data(): { inputs: Record<string, Tensor>; outputs: Record<string, Tensor> } | undefined
}

/** All cases of the folders `node`, `simple`, `pytorch-operator` and `pytorch-converted`. */
export function nodeCases(): NodeCase[] {
  if (nodeCasesMissing !== undefined) return []
  return ['node', 'simple', 'pytorch-operator', 'pytorch-converted'].flatMap(kind =>
    readdirSync(`${root}/${kind}`).map(name => caseAt(`${root}/${kind}/${name}`, name)),
  )
}

/** The cases all of whose operators and attributes silhouette knows. */
export function supportedCases(): NodeCase[] {
  return nodeCases().filter(({ graph }) => {
    try {
      checkGraph(graph())
      return true
    } catch (error) {
      if (error instanceof InputError) return false
      throw error
    }
  })
}

function caseAt(folder: string, name: string): NodeCase {
  const bytes = new Uint8Array(readFileSync(`${folder}/model.onnx`))
  const graph = () => {
    const parsed = parseOnnx(bytes)
    // Operators that never changed have cases of opset 1 and 6 still, which mean the same at 7.
    const opset = Math.max(parsed.opsets.get('') ?? 0, 7)
    return upgrade({ ...parsed, opsets: new Map([...parsed.opsets, ['', opset]]) })
  }
  const tensors = (kind: string, names: readonly string[]) => {
    const entries = names.map((value, i) => {
      const stored = readFileSync(`${folder}/test_data_set_0/${kind}_${i}.pb`)
      return [value, readTensor(new Uint8Array(stored)).value] as const
    })
    return Object.fromEntries(entries)
  }
  return {
    name,
    bytes,
    graph,
    data() {
      const { inputs, outputs } = graph()
      try {
        return {
          inputs: tensors(
            'input',
            inputs.map(v => v.name),
          ),
          outputs: tensors(
            'output',
            outputs.map(v => v.name),
          ),
        }
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        return undefined
      }
    },
  }
}
