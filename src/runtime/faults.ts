// ONNX Runtime's errors, put into one sentence. Its texts carry C++ file names and statuses, and name the node
// somewhere in the middle.

import { InputError } from '../errors/input-error.ts'
import type { Graph, Node } from '../onnx/graph.ts'

/** Why `graph` could not be loaded, as an {@link InputError} that names the node at fault where one is known. */
export function loadFault(graph: Graph, error: unknown): InputError {
  const text = textOf(error)
  const refused = text.match(/No Op registered for (\S+) with domain_version of (\d+)/)
  const missing = text.match(/Could not find an implementation for ([\w.]+:)?(\w+)\((-?\d+)\)/)
  const unregistered = text.match(/([\w.]+:)?(\w+)\((-?\d+)\) is not a registered function\/op/)
  const opType = refused?.[1] ?? missing?.[2] ?? unregistered?.[2]
  if (opType !== undefined) {
    const node = nodeIn(graph, text) ?? graph.nodes.find(n => n.opType === opType)
    const domain = node?.domain ? `${node.domain}:` : ''
    const version = graph.opsets.get(node?.domain ?? '')
    return new InputError(
      `unknown operator ${domain}${opType}${node ? ` at node ${node.name || node.outputs[0]}` : ''}: the runtime has no such operator in opset ${version ?? '?'}; export the model with standard ONNX operators`,
      { cause: error },
    )
  }
  if (isMemory(text)) return memoryFault(graph, error)
  return new InputError(`model ${graph.name} cannot be loaded${where(nodeIn(graph, text))}: ${tidy(text)}`, {
    cause: error,
  })
}

/** Why a run of `graph` on values that passed the feed checks failed. */
export function runFault(graph: Graph, error: unknown): InputError {
  const text = textOf(error)
  if (isMemory(text)) return memoryFault(graph, error)
  return new InputError(
    `model ${graph.name} cannot be run on these values${where(nodeIn(graph, text))}: ${tidy(text)}`,
    { cause: error },
  )
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

const isMemory = (text: string) =>
  /bad_alloc|failed to allocate|out of memory|bad allocation|Failed to grow/i.test(text)

function memoryFault(graph: Graph, error: unknown): InputError {
  return new InputError(`model ${graph.name} needs more memory than there is: use smaller batches`, {
    cause: error,
  })
}

function where(node: Node | undefined): string {
  return node === undefined ? '' : ` at node ${node.name || node.outputs[0]} (${node.opType})`
}

/** The node that `text` names: `Name:'conv1'`, `node with name 'conv1'`, `In Node, ("conv1", ...`, `Node (conv1)`. */
function nodeIn(graph: Graph, text: string): Node | undefined {
  const name = text.match(
    /Name:\s*'([^']*)'|with name '([^']*)'|In Node, \("([^"]*)"|Node\s*\(([^)]*)\)|Node:\s*([^\s,]+)/,
  )
  const found = name?.slice(1).find(group => group !== undefined)
  return found ? graph.nodes.find(node => node.name === found) : undefined
}

/** First line, without status prefix, C++ location and final stop. */
function tidy(text: string): string {
  return text
    .split('\n', 1)[0]!
    .replace(/^(Error: )?(Can't create a session\. )?/, '')
    .replace(/(failed to \w+[^:]*: )?ERROR_CODE: -?\d+, ERROR_MESSAGE: /, '')
    .replace(/^Load model from \S* ?failed:\s*/, '')
    .replace(/failed to call OrtRun\(\)\. |Non-zero status code .*? Status Message: /, '')
    .replace(/\/\S+\.(cc|h):\d+ /g, '')
    .replace(/onnxruntime::.*? was false\. /, '')
    .replace(/[.\s]+$/, '')
}
