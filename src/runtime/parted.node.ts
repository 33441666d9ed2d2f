// Sessions that share a batch among threads. Each thread computes its images from the first operator to the last, so
// that threads never wait for one another and each keeps its images in its own cache.

import type { Graph } from '../onnx/graph.ts'
import { elementCount } from '../tensor/shape.ts'
import { asFloat32, float32, type Tensor } from '../tensor/tensor.ts'
import { checkFeeds } from './feeds.ts'
import type { PartThread } from './part.node.ts'
import type { Feeds, Loop, Session } from './session.ts'

export class PartedSession implements Session {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  private readonly perImage: ReadonlySet<string>
  private readonly split = new WeakMap<Tensor, readonly Tensor[]>()

  /**
   * @param graph whose inputs and outputs that have an axis `n` have it first, and treat each row of it apart
   * @param own computes the first images, on this thread
   * @param threads compute the others
   */
  constructor(
    private readonly graph: Graph,
    private readonly own: Session,
    private readonly threads: readonly PartThread[],
  ) {
    this.inputs = own.inputs
    this.outputs = own.outputs
    const borders = [...graph.inputs, ...graph.outputs]
    this.perImage = new Set(borders.filter(({ shape }) => shape?.[0] === 'n').map(({ name }) => name))
  }

  async run(feeds: Feeds, wanted: readonly string[] = this.outputs): Promise<Record<string, Tensor>> {
    const done = await this.inParts(
      feeds,
      part => this.own.run(part, wanted),
      (thread, part) => thread.run(part, wanted),
    )
    return Object.fromEntries(
      wanted.map(name => {
        const values = done.map(result => result[name]!)
        return [name, this.perImage.has(name) ? joined(values) : values[0]!]
      }),
    )
  }

  /** The threads meet only at the end. */
  async loop(feeds: Feeds, loop: Loop): Promise<Tensor> {
    const own = async (part: Feeds) => {
      let value = part[loop.to]!
      for (let time = 0; time < loop.times; time++) {
        const result = await this.own.run({ ...part, [loop.to]: value }, [loop.from])
        value = result[loop.from]!
      }
      return value
    }
    const other = async (thread: PartThread, part: Feeds) => {
      const result = await thread.run(part, [loop.from], loop)
      return result[loop.from]!
    }
    return joined(await this.inParts(feeds, own, other))
  }

  /** What this thread and the others make of their parts, in the order of the images. */
  private async inParts<T>(
    feeds: Feeds,
    own: (part: Feeds) => Promise<T>,
    other: (thread: PartThread, part: Feeds) => Promise<T>,
  ): Promise<T[]> {
    checkFeeds(this.graph, feeds)
    const images = this.inputs.find(name => this.perImage.has(name))
    const count = images === undefined ? 1 : feeds[images]!.shape[0]!
    const parts = Math.min(count, this.threads.length + 1)
    const part = (k: number) =>
      Object.fromEntries(
        Object.entries(feeds).map(([name, value]) => [name, this.part(name, value, k, parts)]),
      )
    const others = this.threads.slice(0, parts - 1).map((thread, k) => other(thread, part(k + 1)))
    // All are waited for, also where one fails: none may still be at work when the next run starts.
    const results = await Promise.allSettled([own(part(0)), ...others])
    return results.map(result => {
      if (result.status === 'rejected') throw result.reason
      return result.value
    })
  }

  async dispose(): Promise<void> {
    await Promise.all([this.own.dispose(), ...this.threads.map(thread => thread.dispose())])
  }

  /** The same for the same value: threads are sent only what is new to them. */
  private part(name: string, value: Tensor, k: number, parts: number): Tensor {
    if (!this.perImage.has(name)) return value
    const known = this.split.get(value)
    const rows = known?.length === parts ? known : partsOf(value, parts)
    this.split.set(value, rows)
    return rows[k]!
  }
}

/** Equal numbers of rows of the first axis, sharing memory. */
function partsOf({ dtype, shape: [count = 0, ...rest], data }: Tensor, parts: number): readonly Tensor[] {
  const size = elementCount(rest)
  const bound = (part: number) => Math.ceil((part * count) / parts)
  return Array.from({ length: parts }, (_, k) => ({
    dtype,
    shape: [bound(k + 1) - bound(k), ...rest],
    data: data.subarray(bound(k) * size, bound(k + 1) * size),
  }))
}

/** Rows one after another. */
function joined(parts: readonly Tensor[]): Tensor {
  const values = parts.map(part => asFloat32(part))
  const data = new Float32Array(values.reduce((sum, value) => sum + value.data.length, 0))
  let at = 0
  for (const value of values) {
    data.set(value.data, at)
    at += value.data.length
  }
  const rows = values.reduce((sum, value) => sum + value.shape[0]!, 0)
  return float32([rows, ...values[0]!.shape.slice(1)], data)
}
