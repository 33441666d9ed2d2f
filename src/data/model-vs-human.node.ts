// Stimuli as bethgelab/model-vs-human lays them out: flat (`<category>/<image>`) or in sessions
// (`dnn/session-N/<trial>_<experiment>_dnn_<condition>_<category>_<NN>_<image>`).

import { existsSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { InputError } from '../errors/input-error.ts'
import type { Geometry } from '../image/geometry.ts'
import { type FolderDataset, type FolderOptions, fileSource } from './image-folder.node.ts'
import { foldersIn, imagesIn, stimulusGeometry } from './image-list.node.ts'
import { sixteenCategories } from './imagenet.ts'
import { datasetOf } from './source.ts'

/** Stimuli, with what the layout says of each beside its category. Per image, in the order of `batches`. */
export interface Stimuli extends FolderDataset {
  readonly sessions: Int32Array
  /** What was done to the picture; `0` for nothing. */
  readonly conditions: readonly string[]
  /** Whether they did not have the size that was wanted. */
  readonly resized: boolean
}

/**
 * Opens a folder of stimuli in either layout. `classes` default to the sixteen categories. Pictures of the size of
 * `preprocessing` are used as they are: neither resized nor cropped.
 * @throws InputError when there are no images, or a name does not say its condition and category.
 */
export async function openStimuli(
  root: string,
  preprocessing?: Geometry,
  options: FolderOptions = {},
): Promise<Stimuli> {
  const classes = options.classes ?? sixteenCategories
  const below = existsSync(join(root, 'dnn')) ? 'dnn/' : ''
  const folders = foldersIn(join(root, below))
  const inSessions = folders.length > 0 && folders.every(name => /^session-\d+$/.test(name))
  const files = folders.flatMap(folder =>
    imagesIn(join(root, below, folder)).map(image => {
      const path = `${below}${folder}/${image}`
      const parts = basename(image).split('_')
      const category = inSessions ? parts[4] : folder
      const label = classes.indexOf(category ?? '')
      if (label < 0) {
        throw new InputError(
          `${join(root, path)}: ${category ?? 'the name'} is not a category; expected ` +
            `${inSessions ? 'a name such as 0001_cop_dnn_c05_bird_10_image.png' : `a folder of ${classes.join(', ')}`}`,
        )
      }
      const session = inSessions ? Number(folder.slice('session-'.length)) : 1
      return { path, label, session, condition: inSessions ? parts[3]! : '0' }
    }),
  )
  if (files.length === 0)
    throw new InputError(`${root} has no images; expected <category>/<image> or dnn/session-1/<image>`)
  const named = { ...options, name: options.name ?? basename(resolve(root)) }
  const geometry = await stimulusGeometry(root, files, preprocessing)
  const { source, skipped } = await fileSource(root, files, classes, geometry, named)
  const said = new Map(files.map(file => [file.path, file]))
  return {
    ...datasetOf(source),
    sessions: Int32Array.from(source.names, name => said.get(name)!.session),
    conditions: source.names.map(name => said.get(name)!.condition),
    resized: geometry !== undefined,
    skipped,
  }
}
