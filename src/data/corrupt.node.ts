// Corrupted copies of a folder of images in the layout of ImageNet-C: `<corruption>/<1..5>/<class>/<image>`. A file
// that is there is not made again, so that a run that was stopped goes on; settings.json holds what the files were made
// with, so that two runs are never mixed.

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type CorruptionName, corruptImage, type Severity } from '../distort/index.ts'
import { InputError, requireInput } from '../errors/input-error.ts'
import { writeFileAtomic } from '../files/atomic.node.ts'
import { keepSettings } from '../files/settings.node.ts'
import { decodeImage, encodeJpeg, encodePng } from '../image/codec.node.ts'
import { fitted, type Geometry } from '../image/geometry.ts'
import type { Pixels } from '../image/pixels.ts'
import { type Progress, silent } from '../progress/progress.ts'
import { Random } from '../tensor/random.ts'
import { fileBytes } from './file.node.ts'
import { geometryKey, imagesIn } from './image-list.node.ts'

/** What the files are made with; the same settings give the same bytes. */
export interface CorruptSettings {
  readonly seed: number
  /** How images are resized and cropped first; undefined leaves them as they are. */
  readonly geometry?: Geometry | undefined
  /** `jpeg` at `quality` (ImageNet-C: 85), or `png`, which loses nothing. */
  readonly format: 'jpeg' | 'png'
  readonly quality: number
  /** Folder of overlays for frost; undefined takes those made by formula. */
  readonly frost?: string | undefined
}

export interface CorruptFolderOptions extends CorruptSettings {
  readonly root: string
  readonly out: string
  readonly corruptions: readonly CorruptionName[]
  readonly severities: readonly Severity[]
  /** Threads, default 1: this one. */
  readonly workers?: number | undefined
  readonly progress?: Progress | undefined
  readonly signal?: AbortSignal | undefined
}

/** How many files were made, and how many were there already. */
export interface CorruptedFiles {
  readonly made: number
  readonly kept: number
}

/** What one thread does: all corruptions of every `of`-th image, from number `first` on. */
export interface CorruptShare extends Omit<CorruptFolderOptions, 'workers' | 'progress' | 'signal'> {
  readonly images: readonly string[]
  readonly first: number
  readonly of: number
}

/**
 * Writes corrupted copies of all images below `root`.
 * @throws InputError when there are none, `out` lies in `root` or holds files made otherwise, or an image cannot be
 * read or written
 */
export async function corruptFolder(options: CorruptFolderOptions): Promise<CorruptedFiles> {
  const { root, out, corruptions, severities, workers = 1, progress = silent, signal } = options
  requireInput(
    relative(root, out).startsWith('..'),
    `${out} lies in ${root}: choose a folder outside of the images`,
  )
  const images = imagesIn(root)
  requireInput(images.length > 0, `${root} holds no images`)
  await readOverlays(options.frost)
  keepSettings(out, {
    root,
    seed: options.seed,
    geometry: options.geometry === undefined ? null : geometryKey(options.geometry),
    format: options.format,
    quality: options.format === 'png' ? null : options.quality,
    frost: options.frost ?? 'procedural',
  })
  const task = progress.start(
    `corrupting ${root}`,
    images.length * corruptions.length * severities.length,
    'files',
  )
  const counts = { made: 0, kept: 0 }
  const count: CountFile = made => {
    counts[made ? 'made' : 'kept']++
    task.advance()
  }
  const { seed, geometry, format, quality, frost } = options
  const share = { root, out, corruptions, severities, seed, geometry, format, quality, frost, images }
  const threads = Math.min(workers, images.length)
  if (threads === 1) await corruptShare({ ...share, first: 0, of: 1 }, count, () => signal?.throwIfAborted())
  else {
    const shares = Array.from({ length: threads }, (_, first) => ({ ...share, first, of: threads }))
    await inThreads(shares, count, signal)
  }
  task.end()
  return counts
}

type CountFile = (made: boolean) => void

/** The work of one thread. `check` is called before every file and throws to stop. */
export async function corruptShare(share: CorruptShare, count: CountFile, check: () => void): Promise<void> {
  const { root, out, images, first, of, geometry, format, quality } = share
  const overlays = await readOverlays(share.frost)
  for (let i = first; i < images.length; i += of) {
    const path = images[i]!
    let image: Pixels | undefined
    for (const name of share.corruptions) {
      for (const severity of share.severities) {
        check()
        const target = join(out, name, String(severity), targetName(path, format))
        if (existsSync(target)) {
          count(false)
          continue
        }
        image ??= await readFitted(join(root, path), geometry)
        const draws = new Random(share.seed).fork(`${name} ${severity} ${path}`)
        const corrupted = corruptImage(image, name, severity, draws, { frost: overlays })
        writeFileAtomic(
          target,
          format === 'png' ? await encodePng(corrupted) : await encodeJpeg(corrupted, quality),
        )
        count(true)
      }
    }
  }
}

/** Runs each share in a worker thread. The first error of any stops all. */
async function inThreads(
  shares: readonly CorruptShare[],
  count: CountFile,
  signal?: AbortSignal,
): Promise<void> {
  // Built code is .js; a runtime that reads TypeScript finds the source beside this file.
  const file = new URL(
    `./corrupt-worker.node${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
    import.meta.url,
  )
  const workers = shares.map(share => new Worker(file, { workerData: share }))
  const stop = () => {
    for (const worker of workers) worker.postMessage('stop')
  }
  signal?.addEventListener('abort', stop, { once: true })
  const ends = workers.map(
    worker =>
      new Promise<void>((resolve, reject) => {
        worker.on('message', (message: WorkerMessage) => {
          if ('made' in message) count(message.made)
          else reject(new InputError(message.fault))
        })
        worker.on('error', reject)
        worker.on('exit', () => resolve())
      }),
  )
  for (const end of ends) end.catch(stop)
  const results = await Promise.allSettled(ends)
  signal?.removeEventListener('abort', stop)
  for (const result of results) if (result.status === 'rejected') throw result.reason
  signal?.throwIfAborted()
}

/** What a worker says: a file is done, or what was wrong with its input. */
export type WorkerMessage = { readonly made: boolean } | { readonly fault: string }

/**
 * The pictures in `folder`, in byte order of their names; undefined without a folder.
 * @throws InputError when there are none or one cannot be read
 */
export async function readOverlays(folder: string | undefined): Promise<readonly Pixels[] | undefined> {
  if (folder === undefined) return undefined
  const files = imagesIn(folder)
  requireInput(files.length > 0, `${folder} holds no images to use as frost`)
  return Promise.all(files.map(file => decodeImage(fileBytes(join(folder, file)), join(folder, file))))
}

async function readFitted(path: string, geometry: Geometry | undefined): Promise<Pixels> {
  const image = await decodeImage(await readFile(path), path)
  return geometry ? fitted(image, geometry, path) : image
}

/** The image's path with the ending of what is written; ImageNet's own `.JPEG` stays. */
function targetName(path: string, format: 'jpeg' | 'png'): string {
  const fits = format === 'jpeg' ? /\.jpe?g$/i : /\.png$/i
  return fits.test(path) ? path : path.replace(/\.[^.]+$/, format === 'jpeg' ? '.jpg' : '.png')
}
