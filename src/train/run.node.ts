// A training run in a folder: what it writes, and how it goes on after it was stopped.
//
//   checkpoint.safetensors   after every epoch: weights, momentum, recipe, log; a run goes on from here
//   model.onnx               at the end: the network, with recipe, preprocessing, layers and classes inside
//   model.safetensors        at the end: the weights alone, with the same notes
//   recipe.json, log.csv     the recipe with the data's fingerprint; one row per epoch
//   times.csv                seconds that the steps of each epoch took; the only file that differs from run to run

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Dataset } from '../data/dataset.ts'
import { InputError } from '../errors/input-error.ts'
import { writeFileAtomic } from '../files/atomic.node.ts'
import { writeOnnx } from '../onnx/write.ts'
import { type Progress, silent } from '../progress/progress.ts'
import type { Runtime } from '../runtime/session.ts'
import { Random } from '../tensor/random.ts'
import { buildNetwork } from '../zoo/architectures.ts'
import type { Network } from '../zoo/network.ts'
import { decodeCheckpoint, encodeCheckpoint, encodeWeights, notesOf } from './checkpoint.ts'
import { type Provenance, type Recipe, shapeOf } from './recipe.ts'
import { stopReason } from './robust-validation.ts'
import { logCsv, type TrainingState, trainedGraph, trainedWeights } from './state.ts'
import { train } from './train.ts'
import { TrainingSet } from './training-set.ts'

export interface RunOptions {
  readonly recipe: Recipe
  /** Its images have the size that the network will take. */
  readonly data: Dataset
  /** Measured after every epoch, unattacked and, where the recipe says so, attacked. */
  readonly validation?: Dataset | undefined
  readonly runtime: Runtime
  /** Folder for the files above; made when absent. */
  readonly out: string
  readonly progress?: Progress
  readonly signal?: AbortSignal | undefined
}

export interface FinishedRun {
  readonly state: TrainingState
  readonly network: Network
  /** Paths of `model.onnx` and `model.safetensors`. */
  readonly onnx: string
  readonly safetensors: string
  /** Why it ended before the recipe's last epoch, as a sentence. */
  readonly stopped?: string
}

/**
 * Trains by `recipe` into a folder. Where the folder holds a checkpoint of the same recipe and data, training
 * goes on from it and ends in the same bytes as a run that was never stopped.
 * @throws InputError when the folder holds another run, cannot be written, or the data does not fit the network.
 */
export async function trainInFolder(options: RunOptions): Promise<FinishedRun> {
  const { recipe, runtime, out, progress = silent, signal } = options
  const images = await TrainingSet.read(options.data, { progress, signal })
  const validation = options.validation && (await TrainingSet.read(options.validation, { progress, signal }))
  const network = networkFor(recipe, images)
  const provenance: Provenance = { recipe, data: images.source }
  const notes = notesOf(network, images.classes, provenance)

  const checkpoint = join(out, 'checkpoint.safetensors')
  const from = existsSync(checkpoint)
    ? decodeCheckpoint(readFileSync(checkpoint), network, provenance, checkpoint)
    : undefined
  writeFileAtomic(join(out, 'recipe.json'), `${JSON.stringify(provenance, undefined, 2)}\n`)
  const times = join(out, 'times.csv')
  const seconds = from && existsSync(times) ? timesIn(times, from.log.length) : []
  const state = await train({
    network,
    recipe,
    images,
    validation,
    runtime,
    from,
    progress,
    signal,
    onEpoch(state, took) {
      seconds.push(`${state.log.length},${took.toFixed(3)}`)
      writeFileAtomic(checkpoint, encodeCheckpoint(state, notes))
      writeFileAtomic(join(out, 'log.csv'), logCsv(state.log))
      writeFileAtomic(times, `${['epoch,seconds', ...seconds].join('\n')}\n`)
    },
  })
  const onnx = join(out, 'model.onnx')
  const safetensors = join(out, 'model.safetensors')
  const graph = trainedGraph(network, state)
  writeFileAtomic(onnx, writeOnnx({ ...graph, metadata: new Map([...graph.metadata, ...notes]) }))
  writeFileAtomic(safetensors, encodeWeights(trainedWeights(network, state), notes))
  const stopped = stopReason(recipe, state.log)
  return { state, network, onnx, safetensors, ...(stopped !== undefined && { stopped }) }
}

/** The network of `recipe` for these images, with weights drawn from the recipe's seed. */
function networkFor(recipe: Recipe, images: TrainingSet): Network {
  const [channels, height, width] = images.shape
  if (channels !== 3 || height !== width) {
    throw new InputError(
      `${images.source.name} must hold square images of 3 channels to train on, found ${channels} of ${height}x${width}`,
    )
  }
  return buildNetwork(recipe.arch, {
    classes: images.classes.length,
    size: height,
    random: new Random(recipe.seed).fork('weights'),
    ...shapeOf(recipe),
  })
}

/** The rows of times.csv for the first `epochs` epochs. */
function timesIn(path: string, epochs: number): string[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .slice(1, 1 + epochs)
}
