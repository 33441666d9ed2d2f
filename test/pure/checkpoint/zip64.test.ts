// Archives above 4 GB keep their sizes and places in zip64 fields. Here a small one is rewritten to that form.

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { memorySource, readCheckpoint } from '../../../src/checkpoint/index.ts'

const END = 22

/** `zip` with every size and offset moved to its zip64 place. */
function widened(zip: Uint8Array): Uint8Array {
  const old = new DataView(zip.buffer, zip.byteOffset, zip.byteLength)
  const end = zip.length - END
  const [count, start] = [old.getUint16(end + 10, true), old.getUint32(end + 16, true)]
  const parts: Uint8Array[] = [zip.subarray(0, start)]
  let at = start
  for (let i = 0; i < count; i++) {
    const [name, extra, comment] = [28, 30, 32].map(o => old.getUint16(at + o, true))
    const entry = new Uint8Array(46 + name! + 28)
    entry.set(zip.subarray(at, at + 46 + name!))
    const view = new DataView(entry.buffer)
    const field = 46 + name!
    view.setUint16(field, 1, true)
    view.setUint16(field + 2, 24, true)
    // Size, stored size, header offset, in this order.
    for (const [k, from] of [24, 20, 42].entries()) {
      view.setBigUint64(field + 4 + 8 * k, BigInt(old.getUint32(at + from, true)), true)
      view.setUint32(from, 0xffffffff, true)
    }
    view.setUint16(30, 28, true)
    view.setUint16(32, 0, true)
    parts.push(entry)
    at += 46 + name! + extra! + comment!
  }
  const length = parts.slice(1).reduce((sum, part) => sum + part.length, 0)
  const tail = new Uint8Array(56 + 20 + END)
  const view = new DataView(tail.buffer)
  view.setUint32(0, 0x06064b50, true)
  view.setBigUint64(4, 44n, true)
  view.setBigUint64(24, BigInt(count), true)
  view.setBigUint64(32, BigInt(count), true)
  view.setBigUint64(40, BigInt(length), true)
  view.setBigUint64(48, BigInt(start), true)
  view.setUint32(56, 0x07064b50, true)
  view.setBigUint64(64, BigInt(start + length), true)
  view.setUint32(72, 1, true)
  view.setUint32(76, 0x06054b50, true)
  tail.fill(0xff, 76 + 8, 76 + 20)
  return Uint8Array.from([...parts, tail].flatMap(part => [...part]))
}

it('reads an archive in zip64 form', () => {
  const file = new Uint8Array(readFileSync('test/fixtures/checkpoint/layouts.pt'))
  const [narrow, wide] = [file, widened(file)].map(bytes => readCheckpoint(memorySource(bytes)).tensors)
  expect([...wide!.keys()]).toEqual([...narrow!.keys()])
  for (const [name, stored] of wide!) expect(stored.read()).toEqual(narrow!.get(name)!.read())
})

it('finds the end of an archive with a comment', () => {
  const file = new Uint8Array(readFileSync('test/fixtures/checkpoint/plain.pt'))
  const commented = Uint8Array.from([...file, ...new TextEncoder().encode('PK\x05\x06 a comment')])
  commented[file.length - 2] = 14
  expect(readCheckpoint(memorySource(commented)).tensors.size).toBe(9)
})
