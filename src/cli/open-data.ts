// The data sets that a command line names: `emoji16`, or a folder of images.

import type { Classifier } from '../classifier/classifier.ts'
import { openBroden } from '../data/broden.node.ts'
import type { ConceptDataset } from '../data/concepts.ts'
import { type CueConflictFolder, openCueConflict } from '../data/cue-conflict.node.ts'
import type { CueConflictDataset, Dataset } from '../data/dataset.ts'
import { emoji16ConceptDataset } from '../data/emoji16/concepts.ts'
import { type Emoji16, emoji16 } from '../data/emoji16/emoji16.node.ts'
import type { Emoji16Split } from '../data/emoji16/splits.ts'
import { openImageFolder } from '../data/image-folder.node.ts'
import { cueConflictClasses } from '../probe/index.ts'
import type { Progress } from '../progress/progress.ts'

/** What opening needs to know beyond the name. */
export interface OpenContext {
  readonly model: Classifier
  readonly seed: number
  readonly progress: Progress
  readonly signal: AbortSignal
}

function part(split: Emoji16Split, { model, seed, progress, signal }: OpenContext): Promise<Emoji16> {
  return emoji16({ split, size: model.preprocessing.size[0], seed, progress, signal })
}

/** Labelled images: emoji16's clean test, or `dir/<class>/<image>` through the model's preprocessing. */
export async function openLabelled(name: string, context: OpenContext): Promise<Dataset> {
  if (name === 'emoji16') return part('clean', context)
  return openImageFolder(name, context.model.preprocessing)
}

/** Images whose shape and texture disagree: emoji16's, or a folder of images such as `cat/cat1-bird3.png`. */
export async function openConflicts(
  name: string,
  context: OpenContext,
  { skipBad = false }: { readonly skipBad?: boolean } = {},
): Promise<CueConflictDataset & Pick<CueConflictFolder, 'resized' | 'skipped'>> {
  if (name === 'emoji16') return { ...(await part('cue-conflict', context)), resized: false, skipped: [] }
  return openCueConflict(name, {
    classes: cueConflictClasses(context.model),
    preprocessing: context.model.preprocessing,
    skipBad,
    progress: context.progress,
  })
}

/** Images with concept masks: emoji16's, or a folder in Broden's layout. */
export async function openConcepts(name: string, context: OpenContext): Promise<ConceptDataset> {
  if (name === 'emoji16') return emoji16ConceptDataset(await part('dissection', context))
  return openBroden(name, context.model.preprocessing.size)
}

/** Layers by the names in `list` (with commas between), or all of the model's. */
export function layersOf(model: Classifier, list: string | undefined): string[] {
  return list?.split(',').map(name => name.trim()) ?? model.layers.map(layer => layer.name)
}
