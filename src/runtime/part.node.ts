// The thread that computes part of a batch, seen from the one that asks.

import { Worker } from 'node:worker_threads'
import type { InferenceSession } from 'onnxruntime-common'
import type { Graph } from '../onnx/graph.ts'
import { elementCount } from '../tensor/shape.ts'
import { float32, type Tensor } from '../tensor/tensor.ts'
import { loadFault, runFault } from './faults.ts'
import type { Model } from './ort.ts'
import type { Feeds, Loop } from './session.ts'

/** A value in memory that both threads see. It may be longer. */
export interface Shared {
  readonly name: string
  readonly dtype: 'float32' | 'int64'
  readonly shape: readonly number[]
  readonly memory: SharedArrayBuffer
}

export type Told =
  | {
      readonly kind: 'load'
      readonly model: Uint8Array
      readonly options: InferenceSession.SessionOptions
    }
  /** `changed`: the inputs that are not what they were in the run before. */
  | {
      readonly kind: 'run'
      readonly changed: readonly Shared[]
      readonly wanted: readonly string[]
      readonly loop: Loop | undefined
    }

export type Said =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'done'; readonly results: readonly Shared[] }
  | { readonly kind: 'failed'; readonly message: string }

export class PartThread {
  private readonly sent = new Map<string, { readonly value: Tensor; readonly memory: SharedArrayBuffer }>()

  private ended = false
  /** Who waits for an answer. */
  private heard: { resolve(said: Said): void; reject(error: Error): void } | undefined

  private constructor(
    private readonly worker: Worker,
    private readonly graph: Graph,
  ) {
    worker.on('message', (said: Said) => this.heard?.resolve(said))
    worker.on('error', (error: Error) => this.heard?.reject(error))
    worker.on('exit', () => {
      this.ended = true
      this.heard?.reject(new Error(`a thread of ${graph.name} ended in the middle of a run`))
    })
  }

  /** @throws InputError when the runtime refuses the graph */
  static async load(
    graph: Graph,
    { model, weights }: Model,
    options: InferenceSession.SessionOptions,
  ): Promise<PartThread> {
    const worker = new Worker(new URL('./part-worker.js', import.meta.url))
    const thread = new PartThread(worker, graph)
    const said = await thread.ask({
      kind: 'load',
      model,
      options: { ...options, externalData: [...weights] },
    })
    if (said.kind === 'failed') {
      await thread.dispose()
      throw loadFault(graph, new Error(said.message))
    }
    return thread
  }

  /**
   * Starts at once; the caller may compute meanwhile. One run at a time.
   * @param feeds a tensor that was fed last time must not have changed
   */
  async run(feeds: Feeds, wanted: readonly string[], loop?: Loop): Promise<Record<string, Tensor>> {
    const changed = Object.entries(feeds).flatMap(([name, value]) => this.share(name, value))
    const said = await this.ask({ kind: 'run', changed, wanted, loop })
    if (loop !== undefined) this.sent.delete(loop.to)
    if (said.kind === 'failed') throw runFault(this.graph, new Error(said.message))
    const results = said.kind === 'done' ? said.results : []
    return Object.fromEntries(
      results.map(({ name, shape, memory }) => [
        name,
        float32(shape, new Float32Array(memory, 0, elementCount(shape))),
      ]),
    )
  }

  async dispose(): Promise<void> {
    await this.worker.terminate()
  }

  private share(name: string, value: Tensor): Shared[] {
    const last = this.sent.get(name)
    if (last?.value === value) return []
    const { dtype, shape, data } = value
    if (dtype !== 'float32' && dtype !== 'int64') throw new Error(`${name} is ${dtype}`)
    const isLong = last !== undefined && last.memory.byteLength >= data.byteLength
    const memory = isLong ? last.memory : new SharedArrayBuffer(data.byteLength)
    new Uint8Array(memory).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    this.sent.set(name, { value, memory })
    return [{ name, dtype, shape, memory }]
  }

  /** Node ends when nothing but idle threads is left. */
  private async ask(told: Told): Promise<Said> {
    const { worker } = this
    if (this.ended) throw new Error(`a thread of ${this.graph.name} was disposed`)
    worker.ref()
    try {
      return await new Promise<Said>((resolve, reject) => {
        this.heard = { resolve, reject }
        worker.postMessage(told)
      })
    } finally {
      worker.unref()
    }
  }
}
