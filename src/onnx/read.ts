// ONNX file -> the Graph the product works on: of the current opset, without Constant nodes, checked.

import { InputError } from '../errors/input-error.ts'
import { takeBranches } from './branches.ts'
import { constantsAsInitializers } from './constant.ts'
import type { Graph } from './graph.ts'
import { checkOrder, nodeLabel } from './order.ts'
import { parseOnnx } from './parse.ts'
import type { ExternalResolver } from './tensor-proto.ts'
import { upgrade } from './upgrade.ts'

export interface ReadOptions {
  /** Gives weights that lie outside the file; default: such a model is refused. See `readOnnxFile`. */
  readonly external?: ExternalResolver
}

/** Operator domains whose nodes are understood, beside the standard one (''). */
const knownDomains: ReadonlySet<string> = new Set(['', 'com.microsoft'])

/**
 * Reads a model. Weights stay views of `bytes` where their alignment allows, so `bytes` must not change.
 * @throws InputError for a file that is truncated, damaged or not ONNX; a graph with undefined, doubly defined or
 *   misordered values; an operator of an unknown domain; an opset that cannot be brought to CURRENT_OPSET.
 */
export function readOnnx(bytes: Uint8Array, options: ReadOptions = {}): Graph {
  const parsed = parseOnnx(bytes, options.external)
  checkOrder(parsed)
  return takeBranches(upgrade(constantsAsInitializers(withKnownDomains(parsed))))
}

function withKnownDomains(graph: Graph): Graph {
  const used = new Set(['', ...domainsIn(graph)])
  return { ...graph, opsets: new Map([...graph.opsets].filter(([domain]) => used.has(domain))) }
}

/** The domains of all nodes, subgraphs included; refuses unknown ones. */
function domainsIn(graph: Graph): string[] {
  return graph.nodes.flatMap(node => {
    if (!knownDomains.has(node.domain)) {
      throw new InputError(
        `${nodeLabel(node)} belongs to the operator domain ${node.domain}, which is not supported (known: ai.onnx, com.microsoft)`,
      )
    }
    const inner = Object.values(node.attributes).flatMap(a => (a.kind === 'graph' ? domainsIn(a.value) : []))
    return [node.domain, ...inner]
  })
}
