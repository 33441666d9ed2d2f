// The one adapter between graphs and ONNX Runtime's JavaScript interface, which the Node binding and the
// WebAssembly build share. node.ts and web.ts say which build, how many threads and which provider.

import type { InferenceSession, Tensor as OrtTensor, TensorConstructor } from 'onnxruntime-common'
import { InputError } from '../errors/input-error.ts'
import type { Graph } from '../onnx/graph.ts'
import type { ValueType } from '../onnx/infer.ts'
import { splitBehind } from '../onnx/split.ts'
import { type ExternalPlace, writeOnnx } from '../onnx/write.ts'
import type { ArrayOf, DType } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { loadFault, runFault } from './faults.ts'
import { checkFeeds } from './feeds.ts'
import type { Feeds, Loop, OpenSession, Runner, Runtime, Session } from './session.ts'

/** What a build of ONNX Runtime exports. */
export interface OrtModule {
  readonly InferenceSession: { create: typeof InferenceSession.create }
  readonly Tensor: TensorConstructor
}

/** A graph as a build computes it fastest. */
export interface Prepared {
  readonly graph: Graph
  /** Types of values that the build would not find out by itself. */
  readonly types?: ReadonlyMap<string, ValueType>
  /** Whether the build has optimised the graph already. */
  readonly optimised?: boolean
}

/** Only errors that nobody catches would be worth a line on stderr, and every one is caught: log nothing. */
const FATAL = 4

/** Weights above this many bytes go to the runtime beside the model; constants that shapes depend on are smaller. */
const INLINE_BYTES = 4096

/** Makes a session of a graph whose images are computed apart. */
export type Share = (graph: Graph, prepared: Prepared) => Promise<Session>

/**
 * A {@link Runtime} over `ort`, all of whose sessions are made with `options`.
 * @param prepare rewrites graphs into what this build computes fastest
 * @param share default: as every other session
 */
export function ortRuntime(
  name: string,
  ort: OrtModule,
  options: InferenceSession.SessionOptions,
  prepare: (graph: Graph) => Promise<Prepared> = async graph => ({ graph }),
  share: Share = (graph, prepared) => ortSession(ort, options, graph, prepared),
): Runtime {
  return {
    name,
    async load(graph) {
      requireKnownTypes(graph)
      return ortSession(ort, options, graph, await prepare(graph))
    },
    async loadOpen(graph, names, { imagesApart = false } = {}) {
      requireKnownTypes(graph)
      for (const name of names) {
        if (!graph.inputs.some(input => input.name === name))
          throw new InputError(`graph ${graph.name} has no input ${name} that could be left open`)
      }
      const prepared = await prepare(graph)
      const { early, late, passed } = splitBehind(prepared.graph, names)
      const load = (part: Graph) => ortSession(ort, options, part, { ...prepared, graph: part })
      const first = early && (await load(early))
      const second = await (imagesApart ? share(late, { ...prepared, graph: late }) : load(late))
      return new OrtOpenSession(graph, names, first, second, passed)
    },
  }
}

/** @param graph what callers see of the prepared one */
export async function ortSession(
  ort: OrtModule,
  options: InferenceSession.SessionOptions,
  graph: Graph,
  prepared: Prepared,
): Promise<Session> {
  const { model, weights } = modelOf(prepared)
  try {
    const whole = { ...optionsFor(prepared, options), externalData: weights }
    return new OrtSession(ort, graph, await ort.InferenceSession.create(model, whole))
  } catch (error) {
    throw loadFault(graph, error)
  }
}

export function optionsFor(
  { optimised }: Prepared,
  options: InferenceSession.SessionOptions,
): InferenceSession.SessionOptions {
  const level = optimised && { graphOptimizationLevel: 'disabled' as const }
  return { ...options, ...level, logSeverityLevel: FATAL }
}

/** A model file without its big weights, and these by the path under which it refers to them. */
export interface Model {
  readonly model: Uint8Array<ArrayBuffer>
  readonly weights: readonly { path: string; data: Uint8Array }[]
}

/**
 * Weights go to the runtime as views of the tensors' own memory. That keeps a 250 MB model from being serialised, and
 * models above protobuf's 2 GiB loadable. Each session still ends up with a copy of the weights in its own memory: ONNX
 * Runtime copies (and reorders) them while it loads, and its JavaScript interfaces have neither addInitializer nor
 * shared prepacked weights.
 */
export function modelOf({ graph, types }: Prepared): Model {
  const weights: { path: string; data: Uint8Array }[] = []
  const external = (_: string, value: Tensor): ExternalPlace | undefined => {
    if (value.data.byteLength <= INLINE_BYTES || !value.dtype.includes('float')) return undefined
    const path = `weight-${weights.length}`
    weights.push({ path, data: bytesOf(value) })
    return { location: path, offset: 0 }
  }
  return { model: writeOnnx(graph, { external, ...(types && { types }) }), weights }
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

/** A graph in two: what its open inputs lead to by themselves, and the rest. */
class OrtOpenSession implements OpenSession {
  private readonly open: Graph
  private readonly other: Graph

  constructor(
    graph: Graph,
    names: readonly string[],
    private readonly first: Session | undefined,
    private readonly second: Session,
    private readonly passed: readonly string[],
  ) {
    const isOpen = new Set(names)
    this.open = { ...graph, inputs: graph.inputs.filter(input => isOpen.has(input.name)) }
    this.other = { ...graph, inputs: graph.inputs.filter(input => !isOpen.has(input.name)) }
  }

  async with(values: Feeds): Promise<Runner> {
    checkFeeds(this.open, values)
    const all = { ...values, ...(await this.first?.run(values)) }
    const held = Object.fromEntries(this.passed.map(name => [name, all[name]!]))
    const whole = (feeds: Feeds) => {
      checkFeeds(this.other, feeds)
      return { ...feeds, ...held }
    }
    const { second } = this
    return {
      run: (feeds, wanted) => second.run(whole(feeds), wanted),
      ...(second.loop && { loop: (feeds: Feeds, loop: Loop) => second.loop!(whole(feeds), loop) }),
    }
  }

  async dispose(): Promise<void> {
    await Promise.all([this.first?.dispose(), this.second.dispose()])
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
