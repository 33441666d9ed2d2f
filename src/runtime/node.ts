// Graphs on onnxruntime-node: the machine's own CPU code, or a GPU where the package brings a provider for it.

import * as ort from 'onnxruntime-node'
import { requireInput } from '../errors/input-error.ts'
import type { Graph } from '../onnx/graph.ts'
import { withOpenFilters } from './blocked/open-filters.ts'
import { inBlockedLayout } from './blocked/rewrite.ts'
import { optimised } from './optimised.node.ts'
import { modelOf, optionsFor, ortRuntime, ortSession, type Prepared, type Share } from './ort.ts'
import { PartThread } from './part.node.ts'
import { PartedSession } from './parted.node.ts'
import type { Runtime, Session } from './session.ts'

export interface NodeRuntimeOptions {
  /** Threads of one operator. Default 2. */
  readonly threads?: number
  /** What does the work; operators it lacks run on the CPU. Default `cpu`. */
  readonly provider?: 'cpu' | 'webgpu' | 'cuda' | 'coreml' | 'dml'
}

ort.env.logLevel = 'fatal'

/**
 * The runtime for Node. A run blocks the calling thread until it is done.
 * @throws InputError for a thread count that is not a whole number from 1 on, or a provider this platform lacks.
 */
export function nodeRuntime(options: NodeRuntimeOptions = {}): Runtime {
  const { threads = 2, provider = 'cpu' } = options
  const known = ort.listSupportedBackends().map(backend => backend.name)
  requireInput(
    provider === 'cpu' || known.includes(provider),
    `provider ${provider} is not available here (known: ${known.join(', ')})`,
  )
  requireInput(
    Number.isInteger(threads) && threads >= 1,
    `threads must be a whole number from 1 on, found ${threads}`,
  )
  const sessionOptions = {
    executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Threads that wait for work spin for 20 ms: after a run, while the next session needs the cores.
    extra: { session: { force_spinning_stop: '1' } },
  }
  const name = `onnxruntime-node ${ort.env.versions.node ?? ''} ${provider}`
  const prepare = provider === 'cpu' && process.arch === 'x64' ? blocked : undefined
  const share: Share = (graph, prepared) => shared(graph, prepared, sessionOptions, threads)
  return ortRuntime(name, ort, sessionOptions, prepare, provider === 'cpu' && threads > 1 ? share : undefined)
}

async function shared(
  graph: Graph,
  prepared: Prepared,
  options: ort.InferenceSession.SessionOptions,
  threads: number,
): Promise<Session> {
  const ofOne = { ...options, intraOpNumThreads: 1 }
  const own = await ortSession(ort, ofOne, graph, prepared)
  const load = () => PartThread.load(graph, modelOf(prepared), optionsFor(prepared, ofOne))
  return new PartedSession(graph, own, await Promise.all(Array.from({ length: threads - 1 }, load)))
}

async function blocked(graph: Graph): Promise<Prepared> {
  // What ONNX Runtime refuses here it refuses below as well, and is heard there.
  const optimise = (shown: Graph, open: ReadonlySet<string>) =>
    optimised(inBlockedLayout(shown, open)).catch(() => undefined)
  const open = await withOpenFilters(graph, optimise)
  return open === undefined ? inBlockedLayout(graph) : { graph: open, optimised: true }
}
