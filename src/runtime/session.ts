// The border to the machine that runs graphs. Two implementations (node.ts, web.ts) are held to one suite.

import type { Graph } from '../onnx/graph.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Values by name, going in or coming out. */
export type Feeds = Readonly<Record<string, Tensor>>

/** A loaded graph. */
export interface Session {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /**
   * Runs the graph once. `wanted` lists the outputs to return (default: all); the others are still computed,
   * so a session that never returns an output should be loaded from a graph without it (`prune`).
   * @throws InputError naming the input when one is missing, unknown, or of another type or shape; naming the
   * node when the graph cannot be run on these values.
   */
  run(feeds: Feeds, wanted?: readonly string[]): Promise<Record<string, Tensor>>
  /** Frees the runtime's memory. More than once does no harm; `run` afterwards is an error. */
  dispose(): Promise<void>
}

export interface LoadOptions {
  /**
   * Values for some of the graph's float inputs, which the session keeps as constants: runtimes compute faster with
   * weights that they know. For graphs that are loaded again and again with other values and run a few times each: what
   * can be made ready without the values is made once per graph, names and shapes, and the planning of memory, which
   * costs a second slow run, is left out.
   */
  readonly constants?: Feeds
}

export interface Runtime {
  readonly name: string
  /**
   * @throws InputError naming the node when the runtime does not know an operator or refuses the graph; naming the
   * constant that is no input.
   */
  load(graph: Graph, options?: LoadOptions): Promise<Session>
}
