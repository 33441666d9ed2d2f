// Cue-conflict stimuli (Geirhos et al. 2019): each picture has the shape of one class and the texture of another.

import { InputError } from '../errors/input-error.ts'
import type { Geometry } from '../image/geometry.ts'
import type { CueConflictDataset } from './dataset.ts'
import { type FolderOptions, fileSource } from './image-folder.node.ts'
import { foldersIn, type ImageFile, imagesIn, stimulusGeometry } from './image-list.node.ts'
import { datasetOf } from './source.ts'

/** A cue-conflict set read from files. */
export interface CueConflictFolder extends CueConflictDataset {
  /** How many files had one class for both cues; they say nothing about the conflict and are dropped. */
  readonly dropped: number
  /** Whether the stimuli did not have the size that was wanted. */
  readonly resized: boolean
  readonly skipped: readonly InputError[]
}

/** How a cue-conflict folder is opened. */
export interface CueConflictOptions extends FolderOptions {
  /** For stimuli that do not have its size; others are used as they are, as for published shape biases. */
  readonly preprocessing?: Geometry | undefined
}

// cat1-bird3.png: shape cat, texture bird, each with the number of the picture it comes from.
const stimulus = /^(.+?)\d*-(.+?)\d*\.[^.]+$/

/**
 * Opens `root/<shape>/<shape>N-<texture>M.png`; `labels` are the shapes, `textures` the textures. Pictures of
 * the size of `options.preprocessing` are used as they are: neither resized nor cropped.
 * @throws InputError when a file name does not say shape and texture, or names a class that has no folder.
 */
export async function openCueConflict(
  root: string,
  options: CueConflictOptions = {},
): Promise<CueConflictFolder> {
  const folders = foldersIn(root)
  if (folders.length === 0)
    throw new InputError(`${root} has no class folders; expected ${root}/cat/cat1-bird3.png`)
  const classes = options.classes ?? folders
  const all = folders.flatMap(folder =>
    imagesIn(`${root}/${folder}`).map(file => cuesOf(root, folder, file, classes)),
  )
  const files = all.filter(file => file.label !== file.texture)
  if (files.length === 0) {
    throw new InputError(
      `${root} has no pictures in which shape and texture differ; expected cat/cat1-bird3.png`,
    )
  }
  const geometry = await stimulusGeometry(root, files, options.preprocessing)
  const { source, skipped } = await fileSource(root, files, classes, geometry, options)
  const textureOf = new Map(files.map(({ path, texture }) => [path, texture]))
  return {
    ...datasetOf(source),
    textures: Int32Array.from(source.names, name => textureOf.get(name)!),
    dropped: all.length - files.length,
    resized: geometry !== undefined,
    skipped,
  }
}

function cuesOf(
  root: string,
  folder: string,
  file: string,
  classes: readonly string[],
): ImageFile & { readonly texture: number } {
  const path = `${folder}/${file}`
  const [, shape, texture] = stimulus.exec(file) ?? []
  if (shape === undefined || texture === undefined) {
    throw new InputError(`${root}/${path}: the name must say shape and texture, such as cat1-bird3.png`)
  }
  if (shape !== folder) {
    throw new InputError(
      `${root}/${path}: the folder says shape ${folder}, the name ${shape}; correct one of them`,
    )
  }
  const [label, textureLabel] = [classes.indexOf(shape), classes.indexOf(texture)]
  if (label < 0 || textureLabel < 0) {
    throw new InputError(
      `${root}/${path}: ${label < 0 ? shape : texture} is not a class (known: ${classes.join(', ')})`,
    )
  }
  return { path, label, texture: textureLabel }
}
