// Opens the data of an audit in the size that the network takes.

import { existsSync, readdirSync, statSync } from 'node:fs'
import type { Classifier } from '../classifier/classifier.ts'
import { type CueConflictFolder, openCueConflict } from '../data/cue-conflict.node.ts'
import type { Dataset } from '../data/dataset.ts'
import { emoji16 } from '../data/emoji16/emoji16.node.ts'
import type { Emoji16Split } from '../data/emoji16/splits.ts'
import { openIdx } from '../data/idx.node.ts'
import { type FolderDataset, openImageFolder } from '../data/image-folder.node.ts'
import { kept } from '../data/kept.ts'
import { InputError } from '../errors/input-error.ts'
import { cueConflictClasses } from '../probe/index.ts'
import type { Progress } from '../progress/progress.ts'
import { firstOf } from '../study/study-data.ts'
import type { AuditData } from './audit-data.ts'

/** What a user names. */
export interface AuditSources {
  /** `emoji16`, a folder of class folders, or one of IDX files. */
  readonly data: string
  /** Cue-conflict pictures; those of emoji16 where `data` is that. */
  readonly cueConflict?: string | undefined
  /** Leave out images that cannot be read, and say how many in the note. */
  readonly skipBad?: boolean | undefined
  /** Use at most this many images. */
  readonly limit?: number | undefined
}

export interface AuditDataOptions extends AuditSources {
  /** How many of them are corrupted and distorted. */
  readonly sample: number
  readonly seed: number
  readonly progress: Progress
  readonly signal?: AbortSignal | undefined
}

/** Images that the lints look at. */
const few = 100

/** @throws InputError when a folder is missing, empty, or does not fit the model's classes */
export async function openAuditData(model: Classifier, options: AuditDataOptions): Promise<AuditData> {
  const { data, cueConflict, skipBad = false, limit, sample, seed, progress, signal } = options
  const conflict = cueConflict === undefined ? undefined : await openConflict(cueConflict, model, skipBad)
  if (data === 'emoji16') {
    const common = { size: model.preprocessing.size[0], progress, ...(signal && { signal }) }
    const part = (split: Emoji16Split) => emoji16({ split, ...common })
    // Its classes take turns, so that the first images are a fair sample.
    const images = firstOf(await part('clean'), limit)
    return {
      images,
      sample: firstOf(images, sample),
      few: firstOf(images, few),
      cueConflict: conflict ?? (await part('cue-conflict')),
      shapeOnly: firstOf(await part('shape-only'), limit),
      textureOnly: firstOf(await part('texture-only'), limit),
      note: 'Images of emoji16 from icon sets that are in no training image.',
    }
  }
  const open = await opener(data, model, skipBad, progress)
  const drawn = async (count: number | undefined): Promise<Opened> => {
    const opened = await open(count === undefined ? undefined : { count, seed })
    return { ...kept(opened, model.preprocessing.size), skipped: opened.skipped }
  }
  const images = await drawn(limit)
  const skipped = images.skipped.length + (conflict?.skipped.length ?? 0)
  const smaller = (count: number) => (count >= images.size ? images : drawn(count))
  return {
    images,
    sample: await smaller(sample),
    few: await smaller(few),
    ...(conflict && { cueConflict: conflict }),
    note:
      `Images from ${data}${cueConflict === undefined ? '' : ` and ${cueConflict}`}.` +
      (skipped > 0 ? ` Left out as they cannot be read: ${skipped}.` : ''),
  }
}

/** A data set, and what was left out of it. */
type Opened = Dataset & Pick<FolderDataset, 'skipped'>

async function opener(
  path: string,
  { preprocessing, classes }: Classifier,
  skipBad: boolean,
  progress: Progress,
): Promise<(sample: { count: number; seed: number } | undefined) => Promise<Opened>> {
  if (!existsSync(path) || !statSync(path).isDirectory())
    throw new InputError(`no data at ${path}: name a folder of class folders or of IDX files, or emoji16`)
  const isIdx = readdirSync(path).some(name => name.includes('idx3-ubyte'))
  return async sample =>
    isIdx
      ? {
          ...(await openIdx(path, preprocessing, { split: 'test', classes, ...(sample && { sample }) })),
          skipped: [],
        }
      : openImageFolder(path, preprocessing, { skipBad, progress, ...(sample && { sample }) })
}

function openConflict(path: string, model: Classifier, skipBad: boolean): Promise<CueConflictFolder> {
  return openCueConflict(path, {
    classes: cueConflictClasses(model),
    preprocessing: model.preprocessing,
    skipBad,
  })
}
