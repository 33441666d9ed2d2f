// ONNX files with faults for the fuzz tests: cut, spliced, and with bytes replaced in place, which keeps the
// protobuf framing and reaches deeper.

import { readdirSync, readFileSync } from 'node:fs'
import { InputError } from '../../src/errors/input-error.ts'
import { checkGraph } from '../../src/onnx/check.ts'
import { readOnnx } from '../../src/onnx/read.ts'
import { Random } from '../../src/tensor/random.ts'
import { mutate } from './mutate.ts'
import { nodeCases } from './node-cases.ts'

const telling = [0, 1, 2, 7, 127, 128, 255]

/** `count` damaged models: half of them cut or spliced, half with one to three bytes replaced. */
export function* damagedModels(count: number, seed: number): Generator<Uint8Array> {
  const folder = 'test/fixtures/onnx'
  const exported = readdirSync(folder).filter(file => file.endsWith('.onnx'))
  const sources: Uint8Array[] = exported.map(file => new Uint8Array(readFileSync(`${folder}/${file}`)))
  for (const { bytes } of nodeCases()) if (bytes.length < 20_000) sources.push(bytes)
  yield* mutate(sources, Math.floor(count / 2), seed)
  const random = new Random(seed)
  for (let i = Math.floor(count / 2); i < count; i++) {
    const bytes = sources[random.integer(sources.length)]!.slice()
    for (let edits = 1 + random.integer(3); edits > 0; edits--) {
      const value = random.integer(2) === 0 ? random.integer(256) : telling[random.integer(telling.length)]!
      bytes[random.integer(bytes.length)] = value
    }
    yield bytes
  }
}

/**
 * Reads and checks `count` damaged models. Any error but an InputError is thrown on, and so is a model that takes
 * longer than `limit` ms of processor time or a heap that grows beyond 500 MB.
 * @returns how many were sound all the same.
 */
export function readDamaged(count: number, seed: number, limit = 1000): number {
  let sound = 0
  for (const bytes of damagedModels(count, seed)) {
    const before = process.cpuUsage().user
    try {
      checkGraph(readOnnx(bytes))
      sound++
    } catch (error) {
      if (!(error instanceof InputError)) throw error
    }
    const took = (process.cpuUsage().user - before) / 1000
    if (took > limit) throw new Error(`a damaged model of ${bytes.length} bytes took ${took} ms`)
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    if (heapUsed + arrayBuffers > 500e6) throw new Error(`memory grew to ${heapUsed + arrayBuffers} bytes`)
  }
  return sound
}
