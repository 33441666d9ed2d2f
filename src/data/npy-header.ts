// The header of an `.npy` file is a Python dict literal with exactly three keys. This is a parser of that
// literal and of nothing else, so that no header can mean more than the format allows.

import { InputError } from '../errors/input-error.ts'

/** The three facts of an `.npy` header. */
export interface NpyHeader {
  /** Byte order and type, for example `<f4`. */
  readonly descr: string
  readonly fortranOrder: boolean
  readonly shape: readonly number[]
}

/**
 * Parses `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`.
 * @throws InputError on any other text, on dimensions that are not whole numbers, and on arrays with more
 * elements than an array can hold.
 */
export function parseNpyHeader(text: string, what: string): NpyHeader {
  const pieces = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1]
  if (pieces === undefined) throw malformed(text, what)
  const found = new Map<string, string>()
  const entry = /\s*(?:'([^']*)'|"([^"]*)")\s*:\s*('[^']*'|"[^"]*"|True|False|\([^()]*\)|\[.*?\])\s*(?:,|$)/sy
  let end = 0
  while (pieces.slice(end).trim() !== '') {
    entry.lastIndex = end
    const match = entry.exec(pieces)
    const key = match?.[1] ?? match?.[2]
    if (match === null || key === undefined || found.has(key)) throw malformed(text, what)
    found.set(key, match[3]!)
    end = entry.lastIndex
  }
  const descr = found.get('descr')
  const order = found.get('fortran_order')
  const shape = found.get('shape')
  if (found.size !== 3 || !descr || !shape || (order !== 'True' && order !== 'False'))
    throw malformed(text, what)
  if (descr.startsWith('[')) {
    throw new InputError(`${what}: has records (a structured array); save one plain array per file instead`)
  }
  if (!/^['"]/.test(descr)) throw malformed(text, what)
  return { descr: descr.slice(1, -1), fortranOrder: order === 'True', shape: parseShape(shape, what) }
}

function parseShape(text: string, what: string): number[] {
  const inside = /^\((.*)\)$/s.exec(text)?.[1]
  const parts = inside
    ?.replace(/,\s*$/, '')
    .split(',')
    .map(p => p.trim())
  const dims =
    parts?.length === 1 && parts[0] === ''
      ? []
      : parts?.map(p => (/^\d+L?$/.test(p) ? Number.parseInt(p, 10) : -1))
  if (!dims || dims.some(d => d < 0)) throw new InputError(`${what}: bad shape ${text} in the npy header`)
  // NumPy bounds the product of the axes that are not 0 as well; so an empty array cannot hide absurd axes.
  const elements = dims.reduce((product, d) => product * Math.max(d, 1), 1)
  if (dims.length > 64 || elements > 2 ** 40) {
    throw new InputError(`${what}: shape ${text} in the npy header is larger than an array can be`)
  }
  return dims
}

function malformed(text: string, what: string): InputError {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text
  return new InputError(
    `${what}: the npy header must be a dict of descr, fortran_order and shape, found ${JSON.stringify(shown.trim())}`,
  )
}
