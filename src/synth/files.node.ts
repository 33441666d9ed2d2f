// An exhibit on disk: every picture as a PNG that says how it was made, contact sheets, filmstrips, a moving picture.

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomic } from '../files/atomic.node.ts'
import { encodeAnimation } from '../image/animation.node.ts'
import { encodePng } from '../image/codec.node.ts'
import { withText } from '../image/png-text.ts'
import { contactSheet } from '../image/sheet.ts'
import { toPixels } from '../image/to-tensor.ts'
import { type FloatTensor, float32 } from '../tensor/tensor.ts'
import type { ExhibitColumn, ExhibitPictures, Frame } from './exhibit.ts'

/** Pictures per row of a sheet; pictures on a filmstrip. */
const COLUMNS = 8
const STRIP = 4

/** Where the files of an exhibit lie. */
export const exhibitFiles = (folder: string) => ({
  result: join(folder, 'exhibit.json'),
  page: join(folder, 'index.html'),
  picture: (key: string, index: number) => join(folder, key, `${String(index).padStart(3, '0')}.png`),
  sheet: (key: string) => join(folder, `${key.replaceAll(' ', '-')}.png`),
  film: (key: string) => join(folder, `${key}-film.png`),
  animation: (key: string) => join(folder, `${key}.webp`),
})

/**
 * Writes all of it but the page; pictures of an earlier run in the same folder go.
 * @throws InputError when the folder cannot be written.
 */
export async function writeExhibit(
  folder: string,
  { result, pictures, frames }: ExhibitPictures,
): Promise<void> {
  const files = exhibitFiles(folder)
  mkdirSync(folder, { recursive: true })
  for (const column of result.columns) {
    const images = pictures[column.key]!
    const scale = Math.max(1, Math.round(64 / images.shape[2]!))
    writeFileAtomic(
      files.sheet(column.key),
      await encodePng(contactSheet(images, { columns: COLUMNS, scale })),
    )
    const film = frames[column.key]
    if (film === undefined) continue
    rmSync(join(folder, column.key), { recursive: true, force: true })
    mkdirSync(join(folder, column.key))
    for (let i = 0; i < images.shape[0]!; i++) {
      const texts = textsOf(column, result, i)
      const png = withText(await encodePng(toPixels(images, i)), texts)
      writeFileAtomic(files.picture(column.key, i), png)
    }
    const strip = contactSheet(filmstrip(film), { columns: film.length, scale })
    writeFileAtomic(files.film(column.key), await encodePng(strip))
    const moving = film.map(frame => contactSheet(frame.pictures, { columns: COLUMNS, scale }))
    writeFileAtomic(files.animation(column.key), await encodeAnimation(moving))
  }
  writeFileAtomic(files.result, `${JSON.stringify(result, undefined, 2)}\n`)
}

function textsOf(
  column: ExhibitColumn,
  { recipe, seed, data, captions }: ExhibitPictures['result'],
  i: number,
) {
  return {
    Software: 'silhouette',
    Title: captions[i] ?? '',
    Description: JSON.stringify({
      recipe,
      model: column.name,
      goal: column.goal,
      settings: column.settings,
      data,
      seed,
      picture: i,
    }),
  }
}

/** The first pictures, one per row, frame after frame. */
function filmstrip(frames: readonly Frame[]): FloatTensor {
  const [first] = frames as readonly [Frame]
  const [n = 0, ...shape] = first.pictures.shape
  const rows = Math.min(n, STRIP)
  const values = shape.reduce((a, b) => a * b, 1)
  const data = new Float32Array(rows * frames.length * values)
  for (let i = 0; i < rows; i++) {
    for (const [k, frame] of frames.entries())
      data.set(frame.pictures.data.subarray(i * values, (i + 1) * values), (i * frames.length + k) * values)
  }
  return float32([rows * frames.length, ...shape], data)
}
