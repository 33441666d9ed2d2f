// Where this machine keeps the published checkpoints. A checksum is noted when a copy is first used, so that a
// file that changed later is not taken for the one that earlier results came from.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { fileSource } from '../checkpoint/source.node.ts'
import { InputError } from '../errors/input-error.ts'
import { writeFileAtomic } from '../files/atomic.node.ts'
import { type PublishedModel, publishedModels } from './published.ts'

const LocalCopy = z.strictObject({
  path: z.string(),
  sha256: z.string(),
  /** Size and time of change when the checksum was taken: while they stay, it is not taken again. */
  bytes: z.int(),
  modified: z.number(),
})
const Notes = z.record(z.string(), LocalCopy)

/** A checkpoint on this machine. */
export type LocalCopy = z.infer<typeof LocalCopy>

/** Folder of copies and notes: $SILHOUETTE_MODELS, else $XDG_CONFIG_HOME/silhouette/models (~/.config). */
export function modelsFolder(): string {
  const { SILHOUETTE_MODELS, XDG_CONFIG_HOME } = process.env
  return SILHOUETTE_MODELS || join(XDG_CONFIG_HOME || join(homedir(), '.config'), 'silhouette', 'models')
}

/** Path of the local copy of `model`, noted or lying in `folder` under its published name; else undefined. */
export function localPath(model: PublishedModel, folder: string): string | undefined {
  const path = notesIn(folder)[model.name]?.path ?? join(folder, model.file)
  return existsSync(path) ? path : undefined
}

/** SHA-256 of the local copy of `model` as it was noted at first use; undefined before. */
export function notedChecksum(model: PublishedModel, folder: string): string | undefined {
  return notesIn(folder)[model.name]?.sha256
}

/**
 * The local copy of `model`, its checksum compared with the one noted at first use.
 * @throws InputError when there is none (saying where to get it), or it changed.
 */
export function localCopy(model: PublishedModel, folder: string): LocalCopy {
  const path = localPath(model, folder)
  if (path === undefined)
    throw new InputError(
      `no local copy of ${model.name}: get ${model.file} from ${model.source}, then say where it is: ` +
        `silhouette models ${model.name} --use FILE`,
    )
  const noted = notesIn(folder)[model.name]
  if (noted === undefined) return useCopy(model, path, folder)
  const { size, mtimeMs } = statSync(path)
  if (size === noted.bytes && mtimeMs === noted.modified) return noted
  const sha256 = checksum(path)
  if (sha256 !== noted.sha256)
    throw new InputError(
      `${path} is not the ${model.name} that was first used (SHA-256 ${sha256.slice(0, 12)}, was ` +
        `${noted.sha256.slice(0, 12)}): if it is meant, run: silhouette models ${model.name} --use ${path}`,
    )
  return note(model, { ...noted, bytes: size, modified: mtimeMs }, folder)
}

/**
 * Notes that `path` is the local copy of `model`.
 * @throws InputError when it cannot be read, or is not the file that was published.
 */
export function useCopy(model: PublishedModel, path: string, folder: string): LocalCopy {
  const sha256 = checksum(path)
  if (!sha256.startsWith(model.sha256 ?? ''))
    throw new InputError(
      `${path} is not ${model.file}: its SHA-256 starts with ${sha256.slice(0, 8)}, expected ${model.sha256}`,
    )
  const { size, mtimeMs } = statSync(path)
  return note(model, { path: resolve(path), sha256, bytes: size, modified: mtimeMs }, folder)
}

function note(model: PublishedModel, copy: LocalCopy, folder: string): LocalCopy {
  const notes = { ...notesIn(folder), [model.name]: copy }
  writeFileAtomic(notesPath(folder), `${JSON.stringify(notes, undefined, 2)}\n`)
  return copy
}

function notesPath(folder: string): string {
  return join(folder, 'models.json')
}

function notesIn(folder: string): Readonly<Record<string, LocalCopy>> {
  const path = notesPath(folder)
  if (!existsSync(path)) return {}
  try {
    return Notes.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    const known = publishedModels.map(({ name }) => name).join(', ')
    throw new InputError(
      `${path} is damaged: expected paths and checksums of ${known}; delete it and name your copies again`,
      { cause: error },
    )
  }
}

const piece = 2 ** 22

function checksum(path: string): string {
  const source = fileSource(path)
  try {
    const hash = createHash('sha256')
    for (let at = 0; at < source.size; at += piece)
      hash.update(source.read(at, Math.min(piece, source.size - at)))
    return hash.digest('hex')
  } finally {
    source.close()
  }
}
