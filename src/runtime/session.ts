// The border to the machine that runs graphs. Two implementations (node.ts, web.ts) are held to one suite.

import type { Graph } from '../onnx/graph.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Values by name, going in or coming out. */
export type Feeds = Readonly<Record<string, Tensor>>

/** Runs in a row, each of which is fed as `to` what the one before it gave as `from`. */
export interface Loop {
  readonly from: string
  readonly to: string
  readonly times: number
}

/** What runs a graph. */
export interface Runner {
  /**
   * Runs the graph once. `wanted` lists the outputs to return (default: all); the others are still computed,
   * so a session that never returns an output should be loaded from a graph without it (`prune`).
   * @throws InputError naming the input when one is missing, unknown, or of another type or shape; naming the
   * node when the graph cannot be run on these values.
   */
  run(feeds: Feeds, wanted?: readonly string[]): Promise<Record<string, Tensor>>
  /** What the last run of a loop gives as `from`; only where that is faster than {@link run} again and again. */
  loop?(feeds: Feeds, loop: Loop): Promise<Tensor>
}

/** A loaded graph. */
export interface Session extends Runner {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Frees the runtime's memory. More than once does no harm; `run` afterwards is an error. */
  dispose(): Promise<void>
}

/** A loaded graph some of whose inputs are given for several runs together: weights between steps of training. */
export interface OpenSession {
  /**
   * Computes what follows from these values of the open inputs alone.
   * @returns what runs the graph with them, given the other inputs
   * @throws InputError as {@link Runner.run}
   */
  with(values: Feeds): Promise<Runner>
  /** Frees the runtime's memory. More than once does no harm; what `with` returned cannot be run afterwards. */
  dispose(): Promise<void>
}

export interface OpenOptions {
  /**
   * Every image of a batch, the rows of all inputs and outputs whose first axis is `n`, is computed apart from the
   * others: the runtime may share a batch among its threads. Default false.
   */
  readonly imagesApart?: boolean
}

export interface Runtime {
  readonly name: string
  /** @throws InputError naming the node when the runtime does not know an operator or refuses the graph. */
  load(graph: Graph): Promise<Session>
  /**
   * Loads a graph whose inputs called `names` stay open.
   * @throws InputError as `load`, and for a name that is no input
   */
  loadOpen(graph: Graph, names: readonly string[], options?: OpenOptions): Promise<OpenSession>
}
