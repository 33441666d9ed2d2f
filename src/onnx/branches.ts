// PyTorch's old exporter guards a squeeze by `If (size of the axis = 1)`. Where shape inference knows the answer,
// the branch taken replaces the If; operators with subgraphs are supported in no other way.

import { constantsAsInitializers } from './constant.ts'
import { renameValues } from './edit.ts'
import type { Graph, Node } from './graph.ts'
import { inferValues } from './infer.ts'

/** `graph` with each If whose condition does not depend on what is fed replaced by its branch. */
export function takeBranches(graph: Graph): Graph {
  let current = graph
  // One at a time: what follows an If is inferred only once it is gone.
  for (;;) {
    const ifs = current.nodes.filter(node => node.opType === 'If' && node.domain === '')
    if (ifs.length === 0) return current
    const { contents } = inferValues(current)
    const known = ifs.find(node => typeof contents.get(node.inputs[0] ?? '')?.[0] === 'number')
    const branch = known && branchOf(known, contents.get(known.inputs[0] ?? '')?.[0] !== 0)
    if (known === undefined || branch === undefined) return current
    current = splice(current, known, branch)
  }
}

function branchOf(node: Node, condition: boolean): Graph | undefined {
  const attribute = node.attributes[condition ? 'then_branch' : 'else_branch']
  return attribute?.kind === 'graph' ? attribute.value : undefined
}

/** Names inside a branch differ from those around it; the outputs take over the If's names. */
function splice(graph: Graph, node: Node, branch: Graph): Graph {
  const inner = new Set(branch.nodes.flatMap(({ outputs }) => outputs))
  const renames = new Map<string, string>()
  const passed: Node[] = []
  for (const [i, { name }] of branch.outputs.entries()) {
    const output = node.outputs[i] ?? ''
    if (output === '') continue
    if (inner.has(name) && !renames.has(name)) renames.set(name, output)
    else passed.push(identity(renames.get(name) ?? name, output))
  }
  const renamed = renameValues(branch, renames)
  const nodes = graph.nodes.flatMap(other => (other === node ? [...renamed.nodes, ...passed] : [other]))
  const initializers = new Map([...graph.initializers, ...renamed.initializers])
  return constantsAsInitializers({ ...graph, nodes, initializers })
}

function identity(from: string, to: string): Node {
  return { name: to, opType: 'Identity', domain: '', inputs: [from], outputs: [to], attributes: {} }
}
