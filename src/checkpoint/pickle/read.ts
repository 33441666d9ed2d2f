// Reads a Python pickle without running anything. The one way into this folder.

import { Machine } from './machine.ts'
import { NumpyArray, numpyConstructors } from './numpy.ts'
import { STOP, step } from './opcodes.ts'
import { type Constructor, Opaque } from './values.ts'

export interface PickleOptions {
  /** Where the pickle starts in the bytes. Default 0. */
  readonly at?: number
  /** More classes and functions, by path (`torch._utils._rebuild_tensor_v2`); pure. */
  readonly constructors?: ReadonlyMap<string, Constructor>
  /** Gives the value behind a persistent id. Default: such a pickle is refused. */
  readonly persistent?: (id: unknown) => unknown
}

/** A value, and where the bytes behind its pickle start. */
export interface PickleResult {
  readonly value: unknown
  readonly end: number
}

/**
 * The value of a pickle of protocol 0 to 5 (see values.ts for what Python types become). NumPy arrays
 * are {@link NumpyArray}; unknown classes become {@link Opaque} records. Nothing is ever imported or called.
 * @throws InputError for damaged, cut, too deep or too large pickles.
 */
export function readPickle(bytes: Uint8Array, options: PickleOptions = {}): unknown {
  return readPickleAt(bytes, options).value
}

/** As {@link readPickle}, for files that hold several pickles one after the other. */
export function readPickleAt(bytes: Uint8Array, options: PickleOptions = {}): PickleResult {
  const { at = 0, constructors = [], persistent } = options
  const machine = new Machine(bytes, at, {
    constructors: new Map([...pythonConstructors, ...numpyConstructors, ...constructors]),
    ...(persistent ? { persistent } : {}),
  })
  for (;;) {
    const code = machine.cursor.uint8()
    if (code === STOP) return { value: machine.pop(), end: machine.cursor.at }
    step(machine, code)
  }
}

/** Items of a dict class: none, another dict, or pairs. */
const dict: Constructor = ([items]) => {
  if (items instanceof Map) return new Map(items)
  const map = new Map<unknown, unknown>()
  if (Array.isArray(items)) for (const pair of items) if (Array.isArray(pair)) map.set(pair[0], pair[1])
  return map
}

/** `_codecs.encode(text, 'latin1')`: how protocol 2 of Python 3 writes bytes. */
const encode: Constructor = ([text, encoding]) => {
  if (typeof text !== 'string' || encoding !== 'latin1') return new Opaque('encoded text', [])
  return Uint8Array.from(text, character => character.charCodeAt(0))
}

const list: Constructor = ([items]) => (Array.isArray(items) ? [...items] : [])
const set: Constructor = ([items]) => new Set(Array.isArray(items) ? items : [])

const bytesFrom: Constructor = ([value, encoding]) => {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string' && encoding === 'latin-1')
    return Uint8Array.from(value, character => character.charCodeAt(0))
  return new Uint8Array(0)
}

const pythonConstructors: ReadonlyMap<string, Constructor> = new Map<string, Constructor>([
  ['collections.OrderedDict', dict],
  ['collections.defaultdict', () => new Map()],
  ['collections.Counter', dict],
  ['_codecs.encode', encode],
  ...['builtins', '__builtin__'].flatMap((module): [string, Constructor][] => [
    [`${module}.list`, list],
    [`${module}.set`, set],
    [`${module}.frozenset`, set],
    [`${module}.bytearray`, bytesFrom],
    [`${module}.bytes`, bytesFrom],
  ]),
])

export { NumpyArray }
