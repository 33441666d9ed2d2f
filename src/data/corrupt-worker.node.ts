// A thread of corruptFolder: corrupts its share of the images and says so file by file.

import { parentPort, workerData } from 'node:worker_threads'
import { InputError } from '../errors/input-error.ts'
import { type CorruptShare, corruptShare, type WorkerMessage } from './corrupt.node.ts'

const say = (message: WorkerMessage) => parentPort?.postMessage(message)
const share: CorruptShare = workerData
let stopped = false
parentPort?.on('message', () => {
  stopped = true
})

const STOPPED = Symbol('stopped')
try {
  await corruptShare(
    share,
    made => say({ made }),
    () => {
      if (stopped) throw STOPPED
    },
  )
} catch (error) {
  if (error instanceof InputError) say({ fault: error.message })
  else if (error !== STOPPED) throw error
}
parentPort?.close()
