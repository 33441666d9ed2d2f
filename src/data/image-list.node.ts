// Image files in folders: finding them in a fixed order, telling whether they changed, and reading one.

import { createHash } from 'node:crypto'
import { type Dirent, readdirSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InputError } from '../errors/input-error.ts'
import { decodeImage } from '../image/codec.node.ts'
import { fitted, type Geometry } from '../image/geometry.ts'
import type { Pixels } from '../image/pixels.ts'
import { readFault } from './file.node.ts'
import { fingerprintOf } from './fingerprint.ts'
import { inParallel } from './read-ahead.ts'

/** One image file of a data set. */
export interface ImageFile {
  /** Path below the data set's root, with `/`. */
  readonly path: string
  /** Class index. */
  readonly label: number
}

// What torchvision's ImageFolder takes for images.
const imageName = /\.(jpe?g|png|ppm|bmp|pgm|tiff?|webp)$/i

/** What is done to an image between its file and a network. */
export interface Treatment {
  /** Undefined leaves it as it is. */
  readonly geometry: Geometry | undefined
  /** Turn it as its EXIF orientation says. */
  readonly orient: boolean
}

/** Folders up to this many bytes are fingerprinted by content; larger ones by size and time of change. */
const CONTENT_LIMIT = 2 * 2 ** 30

/** Names in the order of their UTF-8 bytes, as Python sorts them. */
export function inByteOrder(names: readonly string[]): string[] {
  return [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

/**
 * Names of the folders in `folder`, in byte order; hidden ones are left out.
 * @throws InputError when `folder` is not a folder that can be read.
 */
export function foldersIn(folder: string): string[] {
  return inByteOrder(entriesOf(folder).flatMap(e => (isFolder(folder, e) ? [e.name] : [])))
}

/**
 * Paths of the image files in `folder` and the folders below, relative to it; folder by folder, each in byte
 * order, as torchvision lists them. Hidden files are left out.
 */
export function imagesIn(folder: string): string[] {
  const entries = entriesOf(folder)
  const files = inByteOrder(
    entries.filter(e => imageName.test(e.name) && !isFolder(folder, e)).map(e => e.name),
  )
  const below = inByteOrder(entries.filter(e => isFolder(folder, e)).map(e => e.name))
  return [...files, ...below.flatMap(name => imagesIn(join(folder, name)).map(path => `${name}/${path}`))]
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter(e => !e.name.startsWith('.'))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    const fault =
      code === 'ENOENT'
        ? 'no such folder'
        : code === 'ENOTDIR'
          ? 'a file, expected a folder'
          : 'cannot be read'
    throw new InputError(`${folder}: ${fault}`, { cause: error })
  }
}

function isFolder(folder: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory()
  return statSync(join(folder, entry.name), { throwIfNoEntry: false })?.isDirectory() ?? false
}

/**
 * Identity of `files` and of how they are preprocessed. Up to 2 GB: of their names, labels and contents, so
 * that it survives copying and sees every change. Above, reading everything would take minutes: of names,
 * labels, sizes and times of change, so that a copy counts as new data.
 */
export async function filesFingerprint(
  root: string,
  files: readonly ImageFile[],
  { classes, geometry, orient }: Treatment & { readonly classes: readonly string[] },
): Promise<string> {
  const stats = files.map(({ path }) => {
    const stat = statSync(join(root, path), { throwIfNoEntry: false })
    if (!stat) throw new InputError(`${join(root, path)} cannot be read: it is gone or a broken link`)
    return stat
  })
  const bytes = stats.reduce((sum, s) => sum + s.size, 0)
  const list = files.map(({ path, label }, i) =>
    bytes <= CONTENT_LIMIT ? [path, label] : [path, label, stats[i]!.size, stats[i]!.mtimeMs],
  )
  const parts = [JSON.stringify([classes, geometry ? geometryKey(geometry) : null, orient, list])]
  if (bytes <= CONTENT_LIMIT) {
    const digests = new Array<string>(files.length)
    const faults = await inParallel(files.length, async i => {
      const content = await bytesOf(join(root, files[i]!.path))
      digests[i] = createHash('sha256').update(content).digest('hex')
    })
    for (const fault of faults.values()) throw fault
    parts.push(...digests)
  }
  return fingerprintOf(parts)
}

/** The settings of `geometry` that matter, in a fixed order. */
export function geometryKey({ size, resize, resizeTo, filter, crop }: Geometry): unknown[] {
  return [size, resize, resizeTo ?? null, filter, crop]
}

/**
 * Decodes an image file and fits it. Without `geometry` it must have `size` (height, width).
 * @throws InputError naming the file when it cannot be read or does not fit.
 */
export async function readImage(
  path: string,
  { size, geometry, orient }: Treatment & { readonly size: readonly [number, number] },
): Promise<Pixels> {
  const image = await decodeImage(await bytesOf(path), path, { orient })
  if (geometry) return fitted(image, geometry, path)
  if (image.height !== size[0] || image.width !== size[1]) {
    throw new InputError(
      `${path}: ${image.width}x${image.height}, but the other images are ${size[1]}x${size[0]}; give it the same size`,
    )
  }
  return image
}

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new InputError(`${path} cannot be read: ${readFault(error)}`, {
      cause: error,
    })
  }
}

/**
 * Height and width of the first file that can be decoded; what images that are used as they are must have.
 * @throws InputError when none can.
 */
export async function sizeOfFirst(
  root: string,
  files: readonly ImageFile[],
  orient: boolean,
): Promise<readonly [number, number]> {
  let fault: unknown
  for (const { path } of files) {
    try {
      const image = await decodeImage(await bytesOf(join(root, path)), join(root, path), { orient })
      return [image.height, image.width]
    } catch (error) {
      fault ??= error
    }
  }
  throw fault
}

/**
 * What stimuli go through: nothing where they have the size that the network takes, since published figures are of
 * pictures that were neither resized nor cropped; else `preprocessing`.
 */
export async function stimulusGeometry(
  root: string,
  files: readonly ImageFile[],
  preprocessing: Geometry | undefined,
): Promise<Geometry | undefined> {
  if (preprocessing === undefined) return undefined
  const size = await sizeOfFirst(root, files, false)
  return String(size) === String(preprocessing.size) ? undefined : preprocessing
}
