// Folders of small pictures for the tests of the loaders.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, onTestFinished } from 'vitest'
import { encodePng } from '../../src/image/codec.node.ts'
import { Random } from '../../src/tensor/random.ts'
import { noise } from './noise.ts'

/** An empty folder that goes away with the test. */
export function temporaryFolder(): string {
  const root = mkdtempSync(join(tmpdir(), 'silhouette-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  return root
}

/** A file below `root`, with its folders. */
export function put(root: string, path: string, content: string | Uint8Array): void {
  mkdirSync(join(root, dirname(path)), { recursive: true })
  writeFileSync(join(root, path), content)
}

/** An empty folder that goes away with the tests of the file. */
export function temporaryRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'silhouette-'))
  afterAll(() => rmSync(root, { recursive: true, force: true }))
  return root
}

/** PNGs of noise below `root`, each its own. */
export async function writePictures(
  root: string,
  paths: readonly string[],
  [width, height]: readonly [number, number],
): Promise<void> {
  const random = new Random(0)
  for (const path of paths) {
    const data = Uint8Array.from({ length: 3 * width * height }, () => random.integer(256))
    put(root, path, await encodePng({ width, height, channels: 3, data }))
  }
}

/** PNGs of `width` x `height` below a new folder; picture `i` is flat grey of value `i` where `flat`. */
export async function pictures(
  paths: readonly string[],
  [width, height]: readonly [number, number] = [8, 6],
  flat = true,
): Promise<string> {
  const root = temporaryFolder()
  for (const [i, path] of paths.entries()) {
    const image = noise(width, height, 3)
    if (flat) image.data.fill(i)
    put(root, path, await encodePng(image))
  }
  return root
}
