// Checkpoints made to do harm. Nothing in them runs; each ends in an InputError or in an inert record, soon.

import { existsSync, rmSync } from 'node:fs'
import { zipSync } from 'fflate'
import { afterEach, expect, it } from 'vitest'
import { memorySource, Opaque, readCheckpoint, readPickle } from '../../../src/checkpoint/index.ts'

const proof = '/tmp/silhouette-was-here'
afterEach(() => {
  expect(existsSync(proof)).toBe(false)
  rmSync(proof, { force: true })
})

const bytes = (text: string) => Uint8Array.from(text, character => character.charCodeAt(0))
const le = (value: number, length: number) =>
  String.fromCharCode(...Array.from({ length }, (_, i) => Math.floor(value / 256 ** i) % 256))
/** A checkpoint around a pickle, as torch.save makes it. */
const archive = (pickle: string, more: Record<string, Uint8Array> = {}) =>
  memorySource(zipSync({ 'archive/data.pkl': bytes(pickle), ...more }, { level: 0 }), 'evil.pt')

const touch = `touch ${proof}`
const attacks: Record<string, string> = {
  'os.system': `cos\nsystem\n(S'${touch}'\ntR.`,
  'posix.system by protocol 4': `\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c${le(touch.length, 1)}${touch}\x85R.`,
  'builtins.eval': `c__builtin__\neval\n(S'__import__("os").system("${touch}")'\ntR.`,
  'builtins.exec through getattr': `cbuiltins\ngetattr\n(cbuiltins\n__dict__\nS'exec'\ntR(S'open("${proof}","w")'\ntR.`,
  'subprocess through NEWOBJ': `\x80\x02csubprocess\nPopen\n(S'${touch}'\nt\x81.`,
  INST: `(S'${touch}'\nios\nsystem\n.`,
  OBJ: `(cos\nsystem\nS'${touch}'\no.`,
  'a call on a record': `cfunctools\npartial\n(cos\nsystem\nS'${touch}'\ntR)R.`,
  'BUILD with __setstate__': `cargparse\nNamespace\n)\x81}(S'__setstate__'\ncos\nsystem\nubS'${touch}'\nb.`,
  'numpy _reconstruct of another class': `cnumpy.core.multiarray\n_reconstruct\n(cos\nsystem\n(S'${touch}'\ntS'b'\ntR.`,
  'Object.prototype names': `c__proto__\nconstructor\n)R.`,
}

it.each(Object.entries(attacks))('does not run %s', (_, pickle) => {
  readPickle(bytes(pickle))
  expect(() => readCheckpoint(archive(pickle))).toThrow(/evil.pt holds no weights/)
})

it('leaves prototypes alone', () => {
  const value = readPickle(bytes("}(S'__proto__'\n}S'polluted'\nI1\nsS'constructor'\nI2\nu."))
  expect(value).toBeInstanceOf(Map)
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

const million = 1_000_000
const many = 200_000
const bombs: Record<string, [string, RegExp]> = {
  'marks nested deep': ['('.repeat(million), /nested more than 1000 deep/],
  'lists nested by appending': [`${']'.repeat(many)}${'a'.repeat(many - 1)}.`, /no weights/],
  'tuples nested deep': [`N${'\x85'.repeat(many)}.`, /no weights/],
  'more operations than any checkpoint has': ['N0'.repeat(2.5 * million), /more than 4000000 operations/],
  'doubling lists': [`]${'2'.repeat(1000)}${'a'.repeat(999)}.`, /no weights/],
  'a long string announced': [`\x8d${le(2 ** 45, 8)}abc.`, /35184372088832 bytes announced, 4 left/],
  'bytes longer than numbers go': [`\x8e${'\xff'.repeat(8)}.`, /impossible length/],
  'a frame of the wrong length': [`\x80\x04\x95${le(2 ** 40, 8)}N.`, /a frame of/],
  'an integer of megabytes': [
    `\x8b${le(million, 4)}${'\x01'.repeat(million)}.`,
    /an integer of 1000000 bytes/,
  ],
  'an integer of many digits': [`L${'9'.repeat(million)}L\n.`, /an integer is no number/],
  'a huge memo index': [`Nr${'\xff'.repeat(4)}.`, /no weights/],
  'a dict copied again and again': [
    `}(${Array.from({ length: 5000 }, (_, i) => `I${i}\nN`).join('')}up0\n0${'ccollections\nOrderedDict\n(g0\ntR0'.repeat(50_000)}N.`,
    /copies the same values again and again/,
  ],
  'text encoded again and again': [
    `V${'x'.repeat(million)}\np0\n0${"c_codecs\nencode\n(g0\nS'latin1'\ntR0".repeat(10_000)}N.`,
    /copies the same values again and again/,
  ],
  'an array of impossible shape': [
    `cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I1000000\nI1000000\ntcnumpy\ndtype\n(S'u1'\ntRI00\nS''\ntb.`,
    /1000000000000 x uint8 has 0 bytes/,
  ],
  'no end': ['N', /bytes announced, 0 left/],
  'an empty stack': ['0.', /missing on the stack/],
  'an unknown operation': ['\xff.', /unknown operation 0xff/],
}

it.each(Object.entries(bombs))('survives %s', (_, [pickle, message]) => {
  const before = process.memoryUsage().rss
  const start = process.cpuUsage()
  const open = () => readCheckpoint(archive(pickle))
  expect(open).toThrow(
    expect.objectContaining({ name: 'InputError', message: expect.stringMatching(message) }),
  )
  // Time of the processor, so that what else the machine does is no fault of the reader.
  const { user, system } = process.cpuUsage(start)
  expect((user + system) / 1000).toBeLessThan(5000)
  expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 30)
})

const storage = (length: number, key = '0') =>
  `(S'storage'\nctorch\nFloatStorage\nS'${key}'\nS'cpu'\nI${length}\ntQ`
const rebuilt = (stored: string, offset: number, shape: string, steps: string) =>
  `}S'w'\nctorch._utils\n_rebuild_tensor_v2\n(${stored}I${offset}\n(${shape}t(${steps}tI00\nNtRs.`

it.each([
  ['a view beyond its storage', rebuilt(storage(4), 3, 'I2\n', 'I1\n'), /does not fit its storage of 4/],
  ['a stride beyond its storage', rebuilt(storage(4), 0, 'I2\n', 'I4\n'), /does not fit its storage/],
  ['a negative stride', rebuilt(storage(4), 3, 'I2\n', 'I-1\n'), /no proper shape/],
  ['a shape without strides', rebuilt(storage(4), 0, 'I2\n', ''), /no proper shape/],
  ['an overflowing shape', rebuilt(storage(4), 0, 'I9000000000\nI9000000000\n', 'I0\nI0\n'), /does not fit/],
  [
    'a storage that is not there',
    rebuilt(storage(4, '7'), 0, 'I2\n', 'I1\n'),
    /storage 7 should have 16 bytes/,
  ],
  ['a storage of another size', rebuilt(storage(5), 0, 'I2\n', 'I1\n'), /should have 20 bytes, found 16/],
  [
    'a storage outside the archive',
    rebuilt(storage(4, '../../x'), 0, 'I2\n', 'I1\n'),
    /should have 16 bytes/,
  ],
])('refuses %s', (_, pickle, message) => {
  expect(() => readCheckpoint(archive(pickle, { 'archive/data/0': new Uint8Array(16) }))).toThrow(message)
})

it('keeps a storage of an unknown kind as a record', () => {
  const value = readPickle(bytes("(S'storage'\ncos\nsystem\nS'0'\nS'cpu'\nI4\ntQ."), {
    persistent: id => new Opaque('storage', [id]),
  })
  expect(value).toBeInstanceOf(Opaque)
})

it.each([
  [
    'compressed entries',
    () => zipSync({ 'a/data.pkl': bytes('N'.repeat(500)) }, { level: 9 }),
    /is compressed/,
  ],
  ['no pickle', () => zipSync({ 'a/readme': bytes('N.') }, { level: 0 }), /has no data.pkl/],
  [
    'TorchScript',
    () => zipSync({ 'a/data.pkl': bytes('N.'), 'a/constants.pkl': bytes('N.') }),
    /TorchScript/,
  ],
  [
    'big-endian numbers',
    () => zipSync({ 'a/data.pkl': bytes('N.'), 'a/byteorder': bytes('big') }, { level: 0 }),
    /big-endian/,
  ],
])('refuses an archive with %s', (_, make, message) => {
  expect(() => readCheckpoint(memorySource(make(), 'evil.pt'))).toThrow(message)
})
