// The two networks of a study: opened from where the config says, or trained by it.

import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Classifier } from '../classifier/classifier.ts'
import { classifierOf, readModel } from '../classifier/load.node.ts'
import { InputError } from '../errors/input-error.ts'
import type { Progress } from '../progress/progress.ts'
import type { Runtime } from '../runtime/session.ts'
import { openTrainingData } from '../train/data.node.ts'
import type { Recipe } from '../train/recipe.ts'
import { trainInFolder } from '../train/run.node.ts'
import { LogRow, type StudiedModel } from './study.ts'

export interface OpenedModel {
  readonly classifier: Classifier
  /** The file or folder that it was opened from. */
  readonly path: string
  /** What study.json says of it. */
  readonly facts: StudiedModel
}

/**
 * Opens a network with what is known of its training.
 * @param source how the config names `path`
 * @throws InputError when there is no such file or it holds no classifier.
 */
export async function openStudyModel(
  name: string,
  path: string,
  source: string,
  runtime: Runtime,
): Promise<OpenedModel> {
  if (!existsSync(path)) {
    throw new InputError(`there is no model at ${path}: correct its path, or train it with --retrain`)
  }
  const file = readModel(path)
  const classifier = await classifierOf(file, runtime)
  const { notes } = file
  const spec = z.object({ arch: z.string() }).safeParse(json(notes.get('silhouette.network')))
  const provenance = json(notes.get('silhouette.recipe'))
  const folder = statSync(path).isDirectory() ? path : dirname(path)
  return {
    classifier,
    path,
    facts: {
      name,
      fingerprint: classifier.fingerprint,
      source,
      ...(spec.success && { architecture: spec.data.arch }),
      ...(provenance !== undefined && { provenance }),
      log: provenance === undefined ? [] : readLog(join(folder, 'log.csv')),
    },
  }
}

/**
 * Trains a network by `recipe` into `folder`, or goes on with a training that was stopped there.
 * @throws InputError when the folder holds another training.
 */
export async function trainStudyModel(
  recipe: Recipe,
  folder: string,
  runtime: Runtime,
  options: { readonly progress: Progress; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const { progress, signal } = options
  const { data, validation } = await openTrainingData(recipe, { progress, ...(signal && { signal }) })
  await trainInFolder({ recipe, data, validation, runtime, out: folder, progress, signal })
}

/** The rows of a training's log.csv; none when the file is not there. */
function readLog(path: string): LogRow[] {
  if (!existsSync(path)) return []
  const [header = '', ...lines] = readFileSync(path, 'utf8').trim().split('\n')
  const names = header
    .split(',')
    .map(name => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()))
  const rows = lines.map(line => {
    const cells = line.split(',')
    return Object.fromEntries(
      names.flatMap((name, i) =>
        cells[i] === '' || cells[i] === undefined ? [] : [[name, Number(cells[i])]],
      ),
    )
  })
  const log = z.array(LogRow).safeParse(rows)
  if (!log.success) throw new InputError(`${path} is not the log of a training: delete it or train again`)
  return log.data
}

function json(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
