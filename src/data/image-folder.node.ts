// The ImageFolder layout: `root/<class>/<image>`, as torchvision reads it.

import { basename, join, resolve } from 'node:path'
import { InputError } from '../errors/input-error.ts'
import type { Geometry } from '../image/geometry.ts'
import { writePlanes } from '../image/to-tensor.ts'
import { type Progress, silent } from '../progress/progress.ts'
import type { Dataset } from './dataset.ts'
import {
  filesFingerprint,
  foldersIn,
  type ImageFile,
  imagesIn,
  readImage,
  sizeOfFirst,
} from './image-list.node.ts'
import { imagenetWnids } from './imagenet.ts'
import { datasetOf, readable, type Selection, type Source, selected } from './source.ts'

/** How a folder of images is opened. */
export interface FolderOptions extends Selection {
  /** Name of the data set; default: the folder's. */
  readonly name?: string | undefined
  /**
   * Class names in the model's order: every class folder must be one of them, some may have no folder. Folders
   * named by WordNet id fit any list of ImageNet's 1,000 classes. Default: the folders' names in byte order.
   */
  readonly classes?: readonly string[] | undefined
  /** Turn images as their EXIF orientation says. Default false, as in torchvision. */
  readonly orient?: boolean | undefined
  /** Read every image once while opening, and leave out those that cannot be read. */
  readonly skipBad?: boolean | undefined
  readonly progress?: Progress | undefined
}

/** A data set read from image files, and what had to be left out of it. */
export interface FolderDataset extends Dataset {
  /** One error per image left out under `skipBad`; each names its file. */
  readonly skipped: readonly InputError[]
}

/**
 * Opens `root/<class>/<image>` (images may lie deeper). `preprocessing` says how images become `[3, h, w]`;
 * without it they are taken as they are and must all have one size.
 * @throws InputError when `root` has no class folders, a class folder has no images, or a folder is not in
 * `classes`. A bad image is an error when its batch is read, unless `skipBad`.
 */
export async function openImageFolder(
  root: string,
  preprocessing?: Geometry,
  options: FolderOptions = {},
): Promise<FolderDataset> {
  const found = foldersIn(root)
  if (found.length === 0) {
    throw new InputError(`${root} has no class folders; expected ${join(root, '<class>', '<image>')}`)
  }
  const classes = options.classes ?? found
  const labelOf = (name: string) => {
    const label = classes.indexOf(name)
    return label < 0 && classes.length === imagenetWnids.length ? imagenetWnids.indexOf(name) : label
  }
  const foreign = found.filter(name => labelOf(name) < 0)
  if (foreign.length > 0) {
    throw new InputError(
      `${root}: ${foreign.length} of its ${found.length} class folders are not classes of the model: ${some(foreign)}`,
    )
  }
  const lists = found.map(name => ({ name, images: imagesIn(join(root, name)) }))
  const empty = lists.filter(({ images }) => images.length === 0)
  if (empty.length > 0) {
    throw new InputError(
      `${root}: ${empty.length} of its ${found.length} class folders have no images: ` +
        `${some(empty.map(({ name }) => name))}; fill or remove them`,
    )
  }
  const files = lists.flatMap(({ name, images }) => {
    const label = labelOf(name)
    return images.map(image => ({ path: `${name}/${image}`, label }))
  })
  return openFiles(root, files, classes, preprocessing, options)
}

/** The data set of these files of `root`; what every layout of image files ends in. */
export async function openFiles(
  root: string,
  files: readonly ImageFile[],
  classes: readonly string[],
  geometry: Geometry | undefined,
  options: Omit<FolderOptions, 'classes'>,
): Promise<FolderDataset> {
  const { source, skipped } = await fileSource(root, files, classes, geometry, options)
  return { ...datasetOf(source), skipped }
}

/** {@link openFiles} as a source, for layouts that say more about an image than its class. */
export async function fileSource(
  root: string,
  files: readonly ImageFile[],
  classes: readonly string[],
  geometry: Geometry | undefined,
  options: Omit<FolderOptions, 'classes'>,
): Promise<{ source: Source; skipped: readonly InputError[] }> {
  const { orient = false } = options
  const size = geometry?.size ?? (await sizeOfFirst(root, files, orient))
  const whole: Source = {
    name: options.name ?? basename(resolve(root)),
    classes,
    size,
    labels: Int32Array.from(files, f => f.label),
    names: files.map(f => f.path),
    fingerprint: await filesFingerprint(root, files, { classes, geometry, orient }),
    read: async (i, planes, offset) => {
      const path = join(root, files[i]!.path)
      writePlanes(await readImage(path, { size, geometry, orient }), planes, offset)
    },
  }
  const wanted = await selected(whole, options)
  if (!options.skipBad) return { source: wanted, skipped: [] }
  const task = (options.progress ?? silent).start('checking images', wanted.labels.length, 'images')
  const checked = await readable(wanted, () => task.advance())
  task.end()
  return checked
}

function some(names: readonly string[]): string {
  return names.length > 8 ? `${names.slice(0, 8).join(', ')}, …` : names.join(', ')
}
