// What each opcode of pickle protocols 0 to 5 does, in one table keyed by its byte.

import { latin1, narrow } from './cursor.ts'
import type { Machine } from './machine.ts'
import { Global } from './values.ts'

/** STOP; handled by the reader. */
export const STOP = 0x2e

type Operation = (m: Machine) => void

const text = (m: Machine) => latin1(m.cursor.line())

/** By the character of the opcode, or its number from protocol 2 on. */
const table: Readonly<Record<string, Operation>> = {
  // Stack, marks, memo
  '(': m => m.mark(),
  0: m => m.discard(),
  1: m => void m.popMark(),
  2: m => m.push(m.top()),
  p: m => m.put(decimal(m)),
  q: m => m.put(m.cursor.uint8()),
  r: m => m.put(m.cursor.uint32()),
  '\x94': m => m.memoize(),
  g: m => m.get(decimal(m)),
  h: m => m.get(m.cursor.uint8()),
  j: m => m.get(m.cursor.uint32()),
  // Atoms
  N: m => m.push(null),
  '\x88': m => m.push(true),
  '\x89': m => m.push(false),
  I: m => {
    const line = text(m)
    m.push(line === '00' ? false : line === '01' ? true : integer(m, line))
  },
  J: m => m.push(m.cursor.int32()),
  K: m => m.push(m.cursor.uint8()),
  M: m => m.push(m.cursor.uint16()),
  L: m => m.push(integer(m, text(m).replace(/L$/, ''))),
  '\x8a': m => m.push(m.cursor.long(m.cursor.uint8())),
  '\x8b': m => m.push(m.cursor.long(m.cursor.uint32())),
  F: m => m.push(float(m)),
  G: m => m.push(m.cursor.float64()),
  // Python 2 str
  S: m => m.push(unquoted(m, text(m))),
  T: m => m.push(latin1(m.cursor.take(m.cursor.uint32()))),
  U: m => m.push(latin1(m.cursor.take(m.cursor.uint8()))),
  // bytes, bytearray
  B: m => m.push(m.cursor.take(m.cursor.uint32())),
  C: m => m.push(m.cursor.take(m.cursor.uint8())),
  '\x8e': m => m.push(m.cursor.take(m.cursor.uint64())),
  '\x96': m => m.push(m.cursor.take(m.cursor.uint64())),
  // str
  V: m => m.push(unescaped(m, text(m))),
  X: m => m.push(m.cursor.utf8(m.cursor.uint32())),
  '\x8c': m => m.push(m.cursor.utf8(m.cursor.uint8())),
  '\x8d': m => m.push(m.cursor.utf8(m.cursor.uint64())),
  // Containers
  ']': m => m.push([]),
  ')': m => m.push([]),
  '}': m => m.push(new Map()),
  '\x8f': m => m.push(new Set()),
  l: m => m.push(m.popMark()),
  t: m => m.push(m.popMark()),
  d: m => {
    const pairs = m.popMark()
    m.push(new Map())
    m.setItems(pairs)
  },
  '\x91': m => m.push(new Set(m.popMark())),
  '\x85': m => m.push([m.pop()]),
  '\x86': m => m.push([m.pop(), m.pop()].reverse()),
  '\x87': m => m.push([m.pop(), m.pop(), m.pop()].reverse()),
  a: m => m.append([m.pop()]),
  e: m => m.append(m.popMark()),
  s: m => {
    const value = m.pop()
    m.setItems([m.pop(), value])
  },
  u: m => m.setItems(m.popMark()),
  '\x90': m => m.addItems(m.popMark()),
  // Classes and objects
  c: m => m.push(new Global(text(m), text(m))),
  '\x93': m => {
    const [name, module] = [m.pop(), m.pop()]
    if (typeof name !== 'string' || typeof module !== 'string')
      throw m.cursor.fault('the name of a class is no text')
    m.push(new Global(module, name))
  },
  R: m => {
    const args = m.pop()
    m.construct(m.pop(), args)
  },
  '\x81': m => {
    const args = m.pop()
    m.construct(m.pop(), args)
  },
  '\x92': m => {
    const [keywords, args, type] = [m.pop(), m.pop(), m.pop()]
    m.construct(type, Array.isArray(args) ? [...args, keywords] : args)
  },
  i: m => {
    const type = new Global(text(m), text(m))
    m.construct(type, m.popMark())
  },
  o: m => {
    const [type, ...args] = m.popMark()
    m.construct(type, args)
  },
  b: m => m.build(m.pop()),
  P: m => m.persistent(text(m)),
  Q: m => m.persistent(m.pop()),
  // Framing
  '\x80': m => {
    const version = m.cursor.uint8()
    if (version > 5) throw m.cursor.fault(`protocol ${version}, known are 0 to 5`)
  },
  '\x95': m => {
    const { cursor } = m
    const [length, left] = [cursor.uint64(), cursor.bytes.length - cursor.at]
    if (length > left) throw cursor.fault(`a frame of ${length} bytes, ${left} left`)
  },
}

const operations: (Operation | undefined)[] = []
for (const [key, operation] of Object.entries(table)) operations[key.charCodeAt(0)] = operation

/** Carries out the operation `code`. */
export function step(m: Machine, code: number): void {
  const operation = operations[code]
  if (!operation) throw m.cursor.fault(`unknown operation 0x${code.toString(16).padStart(2, '0')}`)
  m.tick()
  operation(m)
}

function decimal(m: Machine): number {
  const line = text(m)
  if (!/^\d{1,10}$/.test(line)) throw m.cursor.fault('a memo index is no number')
  return Number(line)
}

function integer(m: Machine, line: string): number | bigint {
  if (!/^[+-]?\d{1,2500}$/.test(line)) throw m.cursor.fault('an integer is no number')
  return narrow(BigInt(line.replace(/^\+/, '')))
}

function float(m: Machine): number {
  const line = text(m)
  const named: Readonly<Record<string, number>> = { nan: Number.NaN, inf: Infinity, '-inf': -Infinity }
  const value = Object.hasOwn(named, line) ? named[line]! : Number(line || 'x')
  if (Number.isNaN(value) && line !== 'nan') throw m.cursor.fault('a float is no number')
  return value
}

/** Protocol 0's text: latin-1 with escapes for what is beyond. */
function unescaped(m: Machine, line: string): string {
  return line.replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/g, (_, short: string, long: string) => {
    const code = Number.parseInt(short ?? long, 16)
    if (code > 0x10ffff) throw m.cursor.fault(`no character has the number ${code}`)
    return String.fromCodePoint(code)
  })
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

/** A Python 2 string literal. */
function unquoted(m: Machine, line: string): string {
  const match = /^(['"])(.*)\1$/s.exec(line)
  if (!match) throw m.cursor.fault('a string has no quotes')
  return match[2]!.replace(/\\(?:x([0-9a-fA-F]{2})|(.))/gs, (_, hex: string | undefined, one: string) =>
    hex === undefined ? (escapes[one] ?? one) : String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
