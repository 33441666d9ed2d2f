// What every data set is made from: a list of labelled images that can be read one by one. Batching, reading
// ahead, and choosing a part are written once, here, over that list.

import { InputError } from '../errors/input-error.ts'
import { Random } from '../tensor/random.ts'
import { float32 } from '../tensor/tensor.ts'
import type { Batch, Dataset } from './dataset.ts'
import { fingerprintOf } from './fingerprint.ts'
import { inParallel, readAhead } from './read-ahead.ts'

/** Labelled images of one size, read by index. */
export interface Source {
  readonly name: string
  readonly classes: readonly string[]
  /** Height and width of every image. */
  readonly size: readonly [number, number]
  /** Class index per image. */
  readonly labels: Int32Array
  /** A stable name per image. */
  readonly names: readonly string[]
  readonly fingerprint: string
  /**
   * Writes image `index` as `[3, h, w]` in [0, 1] to `planes` from `offset` on.
   * @throws InputError naming the image when it cannot be read.
   */
  read(index: number, planes: Float32Array, offset: number): void | Promise<void>
}

/** Which part of a data set is wanted. The part keeps the order, the class list and the class indices. */
export interface Selection {
  /** Only images of these classes. */
  readonly only?: readonly string[] | undefined
  /** A random `count` of the images, the same for the same seed; all when there are fewer. */
  readonly sample?: { readonly count: number; readonly seed: number } | undefined
}

/** The data set over `source`. While a batch is in use, the next one is being read. */
export function datasetOf(source: Source): Dataset {
  const size = source.labels.length
  return {
    name: source.name,
    classes: source.classes,
    size,
    fingerprint: source.fingerprint,
    batches: ({ batchSize, limit = size }) =>
      readAhead(Math.min(size, limit), batchSize, (from, to) => readBatch(source, from, to)),
  }
}

/**
 * Indices of the images that `selection` wants, ascending.
 * @throws InputError when a class is unknown or nothing is left.
 */
export function selectedIndices(
  source: Pick<Source, 'name' | 'classes' | 'labels'>,
  selection: Selection,
): Uint32Array {
  const { only, sample } = selection
  const unknown = only?.filter(name => !source.classes.includes(name)) ?? []
  if (unknown.length > 0) {
    throw new InputError(
      `${source.name} has no class ${unknown.join(', ')} (known: ${listed(source.classes)})`,
    )
  }
  const wanted = only && new Set(only.map(name => source.classes.indexOf(name)))
  let indices = Uint32Array.from(source.labels.keys())
  if (wanted) indices = indices.filter(i => wanted.has(source.labels[i]!))
  if (sample && sample.count < indices.length) {
    const all = indices
    const drawn = new Random(sample.seed).fork('sample').permutation(all.length).subarray(0, sample.count)
    indices = drawn.map(i => all[i]!).sort()
  }
  if (indices.length === 0) throw new InputError(`nothing is left of ${source.name} after the selection`)
  return indices
}

/** The part of `source` that `selection` wants; `source` itself when it wants all. */
export async function selected(source: Source, selection: Selection): Promise<Source> {
  if (!selection.only && !selection.sample) return source
  return part(source, selectedIndices(source, selection))
}

/** The images of `source` at `indices`, in that order. */
export async function part(source: Source, indices: Uint32Array): Promise<Source> {
  const order = new Uint8Array(indices.buffer, indices.byteOffset, indices.byteLength)
  return {
    ...source,
    labels: Int32Array.from(indices, i => source.labels[i]!),
    names: Array.from(indices, i => source.names[i]!),
    fingerprint: await fingerprintOf([source.fingerprint, order]),
    read: (index, planes, offset) => source.read(indices[index]!, planes, offset),
  }
}

/**
 * The part of `source` whose images can be read, and the error of each that cannot. Every image is read once.
 */
export async function readable(
  source: Source,
  onRead: () => void = () => {},
): Promise<{ source: Source; skipped: readonly InputError[] }> {
  const planes = new Float32Array(3 * source.size[0] * source.size[1])
  const good: number[] = []
  const skipped: InputError[] = []
  const faults = await inParallel(source.labels.length, async i => {
    await source.read(i, planes, 0)
    onRead()
  })
  for (let i = 0; i < source.labels.length; i++) {
    const fault = faults.get(i)
    if (fault) skipped.push(fault)
    else good.push(i)
  }
  if (good.length === 0)
    throw new InputError(`${source.name}: none of its ${skipped.length} images can be read`)
  return { source: skipped.length === 0 ? source : await part(source, Uint32Array.from(good)), skipped }
}

async function readBatch(source: Source, from: number, to: number): Promise<Batch> {
  const [height, width] = source.size
  const stride = 3 * height * width
  const planes = new Float32Array((to - from) * stride)
  const faults = await inParallel(to - from, i => source.read(from + i, planes, i * stride))
  if (faults.size > 0) {
    const [first] = faults.values()
    const others = faults.size > 1 ? ` (and ${faults.size - 1} more of these ${to - from} images)` : ''
    throw new InputError(`${first!.message}${others}; replace or remove what cannot be read`, {
      cause: first,
    })
  }
  return {
    images: float32([to - from, 3, height, width], planes),
    labels: source.labels.slice(from, to),
    names: source.names.slice(from, to),
  }
}

function listed(names: readonly string[]): string {
  return names.length > 24 ? `${names.slice(0, 24).join(', ')}, … (${names.length})` : names.join(', ')
}
