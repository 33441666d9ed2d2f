// @ts-check
// A thread that runs a session of its own on part of a batch. Plain JavaScript, because a thread starts from a file that
// Node can read, also where TypeScript is run from its sources. What it is told and says: part.node.ts.

import { parentPort } from 'node:worker_threads'
import * as ort from 'onnxruntime-node'

/** @typedef {import('./part.node.ts').Said} Said */
/** @typedef {import('./part.node.ts').Told} Told */
/** @typedef {import('./part.node.ts').Shared} Shared */

/** @type {ort.InferenceSession | undefined} */
let session
/** What was fed last; ONNX Runtime takes no shared memory. @type {Record<string, ort.Tensor>} */
const feeds = {}
/** Memory for results, by name. @type {Map<string, SharedArrayBuffer>} */
const memory = new Map()

parentPort?.on('message', (/** @type {Told} */ told) => {
  const answer = told.kind === 'load' ? load(told) : run(told)
  answer
    .catch(error => /** @type {Said} */ ({ kind: 'failed', message: String(error?.message ?? error) }))
    .then(said => parentPort?.postMessage(said))
})

/** @param {Extract<Told, { kind: 'load' }>} told @returns {Promise<Said>} */
async function load({ model, options }) {
  ort.env.logLevel = 'fatal'
  session = await ort.InferenceSession.create(model, options)
  return { kind: 'loaded' }
}

/** @param {Extract<Told, { kind: 'run' }>} told @returns {Promise<Said>} */
async function run({ changed, wanted, loop }) {
  if (session === undefined) throw new Error('run before load')
  for (const { name, dtype, shape, memory: source } of changed) {
    const bytes = new Uint8Array(source)
    const last = feeds[name]
    const isAlike = last?.type === dtype && last.dims.join() === shape.join()
    const tensor = isAlike ? last : emptyTensor(dtype, shape)
    bytesOf(tensor).set(bytes.subarray(0, bytesOf(tensor).length))
    feeds[name] = tensor
  }
  let results = await session.run(feeds, [...wanted])
  for (let time = 1; time < (loop?.times ?? 1); time++) {
    if (loop) feeds[loop.to] = tensorOf(results[loop.from])
    results = await session.run(feeds, [...wanted])
  }
  return { kind: 'done', results: wanted.map(name => shared(name, results[name])) }
}

/** @param {Shared['dtype']} dtype @param {readonly number[]} shape */
function emptyTensor(dtype, shape) {
  const count = shape.reduce((a, b) => a * b, 1)
  const data = dtype === 'int64' ? new BigInt64Array(count) : new Float32Array(count)
  return new ort.Tensor(dtype, data, [...shape])
}

/** @param {ort.Tensor} tensor */
function bytesOf({ data }) {
  if (!ArrayBuffer.isView(data)) throw new Error('values without memory')
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

/** @param {ort.OnnxValue | undefined} value @returns {ort.Tensor} */
function tensorOf(value) {
  if (!(value instanceof ort.Tensor) || value.type !== 'float32') throw new Error('a result is not float32')
  return value
}

/** @param {string} name @param {ort.OnnxValue | undefined} result @returns {Shared} */
function shared(name, result) {
  const value = tensorOf(result)
  const bytes = bytesOf(value)
  let place = memory.get(name)
  if (place === undefined || place.byteLength < bytes.length) place = new SharedArrayBuffer(bytes.length)
  memory.set(name, place)
  new Uint8Array(place).set(bytes)
  return { name, dtype: 'float32', shape: value.dims, memory: place }
}
