// The one adapter between graphs and ONNX Runtime's JavaScript interface, which the Node binding and the
// WebAssembly build share. node.ts and web.ts say which build, how many threads and which provider.

import type { InferenceSession, Tensor as OrtTensor, TensorConstructor } from 'onnxruntime-common'
import { InputError } from '../errors/input-error.ts'
import { inputsAsWeights } from '../onnx/edit.ts'
import type { Graph } from '../onnx/graph.ts'
import type { ValueType } from '../onnx/infer.ts'
import { type ExternalPlace, writeOnnx } from '../onnx/write.ts'
import type { ArrayOf, DType } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { loadFault, runFault } from './faults.ts'
import { checkFeeds } from './feeds.ts'
import type { Feeds, Runtime, Session } from './session.ts'

/** What a build of ONNX Runtime exports. */
export interface OrtModule {
  readonly InferenceSession: { create: typeof InferenceSession.create }
  readonly Tensor: TensorConstructor
}

/** A graph as a build computes it fastest, and types of values that the build would not find out by itself. */
export interface Prepared {
  readonly graph: Graph
  readonly types?: ReadonlyMap<string, ValueType>
}

/** Only errors that nobody catches would be worth a line on stderr, and every one is caught: log nothing. */
const FATAL = 4

/** Weights above this many bytes go to the runtime beside the model; constants that shapes depend on are smaller. */
const INLINE_BYTES = 4096

/**
 * A {@link Runtime} over `ort`, all of whose sessions are made with `options`.
 * @param prepare rewrites graphs into what this build computes fastest; what it writes must not depend on the values of
 * the initializers named second
 */
export function ortRuntime(
  name: string,
  ort: OrtModule,
  options: InferenceSession.SessionOptions,
  prepare: (graph: Graph, open: ReadonlySet<string>) => Prepared = graph => ({ graph }),
): Runtime {
  const templates = new Templates(prepare)
  return {
    name,
    async load(graph, { constants = {} } = {}) {
      requireKnownTypes(graph)
      const { bound, template } = templates.of(graph, constants)
      const { model, weights } = template
      let session: InferenceSession
      try {
        session = await ort.InferenceSession.create(model, {
          ...options,
          enableMemPattern: bound === graph,
          logSeverityLevel: FATAL,
          externalData: weights.map(({ path, value }) => ({
            path,
            data: bytesOf(typeof value === 'string' ? constants[value]! : value),
          })),
        })
      } catch (error) {
        throw loadFault(bound, error)
      }
      return new OrtSession(ort, bound, session)
    },
  }
}

/** A graph as a model file without its big weights and constants, and what is read beside it. */
interface Template {
  readonly model: Uint8Array<ArrayBuffer>
  /** A weight, or the name of a constant. */
  readonly weights: readonly { path: string; value: Tensor | string }[]
}

/** What was made of graphs with constants: kept as long as the graph, by the constants' names and shapes. */
class Templates {
  private readonly kept = new WeakMap<Graph, Map<string, Template>>()

  constructor(private readonly prepare: (graph: Graph, open: ReadonlySet<string>) => Prepared) {}

  of(graph: Graph, constants: Feeds): { bound: Graph; template: Template } {
    const names = Object.keys(constants)
    if (names.length === 0) return { bound: graph, template: this.made(graph, new Set()) }
    const bound = inputsAsWeights(graph, constants)
    const key = names.map(name => `${name}:${constants[name]!.dtype}:${constants[name]!.shape}`).join()
    const known = this.kept.get(graph) ?? new Map<string, Template>()
    const template = known.get(key) ?? this.made(bound, new Set(names))
    this.kept.set(graph, known.set(key, template))
    return { bound, template }
  }

  /**
   * Weights go to the runtime as views of the tensors' own memory. That keeps a 250 MB model from being serialised, and
   * models above protobuf's 2 GiB loadable. Each session still ends up with a copy of the weights in its own memory:
   * ONNX Runtime copies (and reorders) them while it loads, and its JavaScript interfaces have neither addInitializer
   * nor shared prepacked weights.
   */
  private made(graph: Graph, open: ReadonlySet<string>): Template {
    const prepared = this.prepare(graph, open)
    const weights: { path: string; value: Tensor | string }[] = []
    const external = (name: string, value: Tensor): ExternalPlace | undefined => {
      const isBig = value.data.byteLength > INLINE_BYTES && value.dtype.includes('float')
      if (!isBig && !open.has(name)) return undefined
      const path = `weight-${weights.length}`
      weights.push({ path, value: open.has(name) ? name : value })
      return { location: path, offset: 0 }
    }
    const { types } = prepared
    return { model: writeOnnx(prepared.graph, { external, ...(types && { types }) }), weights }
  }
}

const bytesOf = ({ data: { buffer, byteOffset, byteLength } }: Tensor) =>
  new Uint8Array(buffer, byteOffset, byteLength)

class OrtSession implements Session {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  private session: InferenceSession | undefined

  constructor(
    private readonly ort: OrtModule,
    private readonly graph: Graph,
    session: InferenceSession,
  ) {
    this.session = session
    this.inputs = graph.inputs.map(input => input.name)
    this.outputs = graph.outputs.map(output => output.name)
  }

  async run(feeds: Feeds, wanted: readonly string[] = this.outputs): Promise<Record<string, Tensor>> {
    if (this.session === undefined) throw new Error(`session of ${this.graph.name} was disposed`)
    checkFeeds(this.graph, feeds)
    for (const name of wanted) {
      if (!this.outputs.includes(name))
        throw new InputError(`unknown output: ${name} (the graph gives ${this.outputs.join(', ')})`)
    }
    const given = Object.fromEntries(this.inputs.map(name => [name, toOrt(this.ort, feeds[name]!)]))
    let results: InferenceSession.ReturnType
    try {
      results = await this.session.run(given, wanted, { logSeverityLevel: FATAL })
    } catch (error) {
      throw runFault(this.graph, error)
    }
    return Object.fromEntries(wanted.map(name => [name, fromOrt(name, results[name] as OrtTensor)]))
  }

  async dispose(): Promise<void> {
    const { session } = this
    this.session = undefined
    await session?.release()
  }
}

function requireKnownTypes(graph: Graph): void {
  for (const { name, dtype } of [...graph.inputs, ...graph.outputs]) {
    if (dtype === 'bfloat16') {
      throw new InputError(
        `${name} of ${graph.name} is bfloat16, which JavaScript cannot hand to the runtime: convert it to float32`,
      )
    }
  }
}

/** Wraps the tensor's memory; nothing is copied on this side. */
function toOrt(ort: OrtModule, value: Tensor): OrtTensor {
  // What is fed has a graph input's type, and bfloat16 inputs were refused when the graph was loaded.
  return new ort.Tensor(value.dtype as Exclude<DType, 'bfloat16'>, value.data as OrtTensor.DataType, [
    ...value.shape,
  ])
}

function fromOrt(name: string, value: OrtTensor): Tensor {
  if (value.type === 'string' || value.type === 'int4' || value.type === 'uint4') {
    throw new InputError(
      `output ${name} holds ${value.type} values, which are not supported: choose another output`,
    )
  }
  return { dtype: value.type, shape: value.dims, data: rawArray(value.type, value.data) }
}

/** float16 arrives as Float16Array where the engine has that class; tensors hold its raw bits. */
function rawArray(dtype: DType, data: OrtTensor.DataType): ArrayOf[DType] {
  const array = data as ArrayOf[DType]
  return dtype === 'float16' ? new Uint16Array(array.buffer, array.byteOffset, array.length) : array
}
