// The batch files of CIFAR-10 and CIFAR-100 (Krizhevsky 2009): the binary version, and the python version, whose
// pickles are read without running anything.

import { NumpyArray, readPickle } from '../checkpoint/index.ts'
import { InputError } from '../errors/input-error.ts'

const PIXELS = 3 * 32 * 32

/** Images and labels of one batch file. */
export interface CifarBatch {
  /** uint8 `[n, 3, 32, 32]`, flat */
  readonly images: Uint8Array
  readonly labels: Int32Array
}

/**
 * Reads a `.bin` batch. CIFAR-100 has two labels per image, of which the second, fine one is taken.
 * @throws InputError when the size is not a multiple of one record's.
 */
export function readCifarBinary(bytes: Uint8Array, classes: 10 | 100, what = 'CIFAR batch'): CifarBatch {
  const labelBytes = classes === 100 ? 2 : 1
  const record = labelBytes + PIXELS
  const count = bytes.length / record
  if (count === 0 || !Number.isInteger(count)) {
    throw new InputError(
      `${what}: ${bytes.length} bytes are not records of ${record} bytes; it is cut short or no CIFAR-${classes}`,
    )
  }
  const images = new Uint8Array(count * PIXELS)
  const labels = new Int32Array(count)
  for (let i = 0; i < count; i++) {
    labels[i] = bytes[i * record + labelBytes - 1]!
    images.set(bytes.subarray(i * record + labelBytes, (i + 1) * record), i * PIXELS)
  }
  return { images, labels }
}

/**
 * Reads a python batch: a pickled dict with `data` (uint8 `[n, 3072]`) and `labels` or `fine_labels`.
 * @throws InputError when it is none.
 */
export function readCifarPickle(bytes: Uint8Array, classes: 10 | 100, what = 'CIFAR batch'): CifarBatch {
  const entries = dictOf(bytes, what)
  const array = entries.get('data')
  const labels = entries.get(classes === 100 ? 'fine_labels' : 'labels')
  const data = array instanceof NumpyArray ? array.tensor() : undefined
  if (data?.dtype !== 'uint8' || data.shape.length !== 2 || data.shape[1] !== PIXELS || !isNumbers(labels)) {
    throw new InputError(`${what}: expected data (uint8 [n, ${PIXELS}]) and labels of CIFAR-${classes}`)
  }
  if (labels.length !== data.shape[0]) {
    throw new InputError(`${what}: ${data.shape[0]} images, but ${labels.length} labels`)
  }
  return { images: Uint8Array.from(data.data as Uint8Array), labels: Int32Array.from(labels) }
}

/**
 * Class names from a python `batches.meta` or `meta`.
 * @throws InputError when it holds none.
 */
export function readCifarNames(bytes: Uint8Array, classes: 10 | 100, what: string): string[] {
  const names = dictOf(bytes, what).get(classes === 100 ? 'fine_label_names' : 'label_names')
  if (!Array.isArray(names)) throw new InputError(`${what}: expected the class names of CIFAR-${classes}`)
  return names.map(text)
}

function dictOf(bytes: Uint8Array, what: string): Map<string, unknown> {
  let value: unknown
  try {
    value = readPickle(bytes)
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${what}: ${error.message}`, { cause: error })
    throw error
  }
  if (!(value instanceof Map)) throw new InputError(`${what}: expected a pickled dict`)
  return new Map(Array.from(value, ([key, entry]) => [text(key), entry]))
}

/** Python 2's text is bytes to Python 3, which may have written the file again. */
function text(value: unknown): string {
  return value instanceof Uint8Array ? new TextDecoder('latin1').decode(value) : String(value)
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(v => Number.isInteger(v))
}
