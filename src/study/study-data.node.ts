// Opens the data of a study in the size that its networks take.

import { resolve } from 'node:path'
import type { Classifier } from '../classifier/classifier.ts'
import { openBroden } from '../data/broden.node.ts'
import { openCueConflict } from '../data/cue-conflict.node.ts'
import { emoji16ConceptDataset } from '../data/emoji16/concepts.ts'
import { emoji16 } from '../data/emoji16/emoji16.node.ts'
import { figureSilhouettes } from '../data/emoji16/figures.ts'
import type { Emoji16Split } from '../data/emoji16/splits.ts'
import { openIdx } from '../data/idx.node.ts'
import { openImageFolder } from '../data/image-folder.node.ts'
import { type Progress, silent } from '../progress/progress.ts'
import type { StudyConfig } from './config.ts'
import { firstConcepts, firstConflicts, firstOf, type StudyData } from './study-data.ts'

export interface OpenOptions {
  /** The folder that paths of the config are seen from. */
  readonly base: string
  readonly progress?: Progress | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The data of `config` for networks like `model`.
 * @throws InputError when a folder is missing, empty, or does not fit the model's classes.
 */
export async function openStudyData(
  config: Pick<StudyConfig, 'data' | 'limit'>,
  model: Classifier,
  { base, progress = silent, signal }: OpenOptions,
): Promise<StudyData> {
  const { data, limit } = config
  const { preprocessing, classes } = model
  if (data.kind === 'emoji16') {
    const common = { size: preprocessing.size[0], seed: data.seed, progress, ...(signal && { signal }) }
    const part = (split: Emoji16Split) => emoji16({ split, ...common })
    const clean = await part('clean')
    return {
      images: firstOf(clean, limit),
      silhouettes: firstOf(figureSilhouettes(clean), limit),
      shapeOnly: firstOf(await part('shape-only'), limit),
      textureOnly: firstOf(await part('texture-only'), limit),
      cueConflict: firstConflicts(await part('cue-conflict'), limit),
      concepts: firstConcepts(await emoji16ConceptDataset(await part('dissection')), limit),
      note: emoji16Note,
    }
  }
  if (data.kind === 'idx') {
    const images = await openIdx(resolve(base, data.folder), preprocessing, { split: 'test', classes })
    return { images: firstOf(images, limit), note: `Images from ${data.folder}.` }
  }
  const images = await openImageFolder(resolve(base, data.images), preprocessing, { classes, progress })
  const cueConflict =
    data.cueConflict === undefined
      ? undefined
      : await openCueConflict(resolve(base, data.cueConflict), { preprocessing, progress })
  const concepts =
    data.concepts === undefined
      ? undefined
      : await openBroden(resolve(base, data.concepts), preprocessing.size)
  return {
    images: firstOf(images, limit),
    ...(cueConflict && { cueConflict: firstConflicts(cueConflict, limit) }),
    ...(concepts && { concepts: firstConcepts(concepts, limit) }),
    note: `Images from ${data.images}${data.cueConflict === undefined ? '' : ` and ${data.cueConflict}`}.`,
  }
}

const emoji16Note =
  'All images come from icon sets that are in no training image. How often a network decides by shape also ' +
  'depends on how strong the textures were drawn; only the gap between two networks on the same images means something.'
