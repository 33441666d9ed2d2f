// The pairs of networks of a study: the one that the config names, and for further seeds of training those that
// lie beside it or, where none do, new ones.

import { existsSync } from 'node:fs'
import { join, parse, resolve } from 'node:path'
import { InputError } from '../errors/input-error.ts'
import { type Progress, silent } from '../progress/progress.ts'
import type { Runtime } from '../runtime/session.ts'
import type { StudyConfig } from './config.ts'
import type { PairOf, Role } from './pair.ts'
import { runFiles } from './run-files.node.ts'
import { type OpenedModel, openStudyModel, trainStudyModel } from './study-model.node.ts'

export interface PairOptions {
  readonly config: StudyConfig
  /** The folder that paths of the config are seen from. */
  readonly base: string
  /** The run folder; networks are trained into it. */
  readonly out: string
  /** Train all networks from scratch instead of opening those of the config. */
  readonly retrain?: boolean
  readonly runtime: Runtime
  readonly progress?: Progress
  readonly signal?: AbortSignal
}

/** The seed of training of the pair with this number, from 0 on, as far as the config knows. */
export function trainingSeed({ models }: StudyConfig, number: number): number {
  return (models.robust.train?.seed ?? 0) + number
}

/**
 * `checkpoints/s` and 1 give `checkpoints/s-1`, `nets/plain.onnx` and 1 `nets/plain-1.onnx`.
 */
export function seedPath(path: string, number: number): string {
  if (number === 0) return path
  const { dir, name, ext } = parse(path)
  return join(dir, `${name}-${number}${ext}`)
}

/**
 * Does `use` with both networks of pair `number`, which are disposed of afterwards.
 * @throws InputError when a network is missing and cannot be trained, or the two take images of different sizes.
 */
export async function withPair<T>(
  number: number,
  options: PairOptions,
  use: (pair: PairOf<OpenedModel>) => Promise<T>,
): Promise<T> {
  const standard = await obtainModel('standard', number, options)
  const robust = await obtainModel('robust', number, options)
  const [own, other] = [standard, robust].map(model => model.classifier.preprocessing.size.join('x'))
  if (own !== other) {
    throw new InputError(`both networks must take images of one size, found ${own} and ${other}`)
  }
  try {
    return await use({ standard, robust })
  } finally {
    await standard.classifier.dispose()
    await robust.classifier.dispose()
  }
}

async function obtainModel(role: Role, number: number, options: PairOptions): Promise<OpenedModel> {
  const { config, base, out, retrain = false, runtime, progress = silent, signal } = options
  const { name, train } = config.models[role]
  const path = seedPath(config.models[role].path, number)
  const isThere = number === 0 || existsSync(resolve(base, path))
  if (!retrain && isThere) return openStudyModel(name, resolve(base, path), path, runtime)
  if (train === undefined) {
    throw new InputError(
      retrain
        ? `models.${role} of the config has no train section, so it cannot be trained again`
        : `there is no model at ${path} for seed ${number}, and models.${role} of the config has no train section to train one by`,
    )
  }
  const folder = join(runFiles(out).checkpoints, seedPath(role, number))
  const data = train.data === 'emoji16' ? train.data : resolve(base, train.data)
  const who = number === 0 ? name : `${name} of seed ${train.seed + number}`
  const labelled: Progress = {
    start: (label, total, unit) => progress.start(`${who}: ${label}`, total, unit),
  }
  const recipe = { ...train, data, seed: train.seed + number }
  await trainStudyModel(recipe, folder, runtime, { progress: labelled, signal })
  return openStudyModel(name, folder, 'trained by this study', runtime)
}
