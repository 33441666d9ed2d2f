// Label maps: one PNG per image whose pixels hold labels (or the colours that stand for them), and a table of
// their names.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../errors/input-error.ts'
import { decodeImage } from '../image/codec.node.ts'
import { brodenCategories } from './broden.ts'
import { readCsv } from './csv.ts'
import { fileBytes } from './file.node.ts'
import type { Mask, MaskGrid } from './mask-shapes.ts'

/** A label's name, and the category of its concept where the table has one. */
export interface LabelName {
  readonly name: string
  readonly category: string | undefined
}

/** Names by pixel, as red + 256 x green + 65,536 x blue. */
export type LabelNames = ReadonlyMap<number, LabelName>

/**
 * Reads a table with columns `value,name` and perhaps `category`. A value is the grey level of the pixels, or, above
 * 255, red + 256 x green; or a colour such as `#ff8000`.
 * @throws InputError naming `what` for a missing column, a value that is none, or a value given twice.
 */
export function readLabelNames(text: string, what = 'names'): LabelNames {
  const [header = ''] = text.split(/\r?\n/, 1)
  const hasCategory = header.split(',').includes('category')
  const rows = readCsv(text, ['value', 'name', ...(hasCategory ? (['category'] as const) : [])], what)
  const names = new Map<number, LabelName>()
  for (const [i, row] of rows.entries()) {
    const pixel = pixelOf(row.value)
    const category = 'category' in row && row.category !== '' ? row.category : undefined
    const where = `${what}: row ${i + 2}`
    if (pixel === undefined || row.name === '') {
      throw new InputError(
        `${where} (${row.value}, ${row.name}) is not a value from 0 to 65535 or a colour like #ff8000, and a name`,
      )
    }
    if (category !== undefined && !brodenCategories.some(known => known === category)) {
      throw new InputError(`${where} has category ${category} (known: ${brodenCategories.join(', ')})`)
    }
    if (names.has(pixel)) throw new InputError(`${where} names ${row.value} a second time`)
    names.set(pixel, { name: row.name, category })
  }
  return names
}

const grey = (level: number) => level * 0x010101

function pixelOf(value: string): number | undefined {
  const [, hex] = /^#([0-9a-f]{6})$/i.exec(value) ?? []
  if (hex !== undefined) {
    const [r, g, b] = [0, 2, 4].map(at => Number.parseInt(hex.slice(at, at + 2), 16))
    return r! + 256 * g! + 65536 * b!
  }
  const level = /^\d+$/.test(value) ? Number(value) : Number.NaN
  if (!(level <= 65535)) return undefined
  return level < 256 ? grey(level) : level
}

/** What a map may hold besides named labels: nothing, and "do not care". */
const unmarked = new Set([grey(0), grey(255)])

/**
 * The labels of one image: pixel values in place of concept numbers.
 * @returns the mask of every label that occurs; nothing where the image has no map
 * @throws InputError naming the file when it holds a value without a name.
 */
export async function readLabelMap(
  folder: string,
  image: string,
  names: LabelNames,
): Promise<{ pixel: number; mask(grid: MaskGrid): Mask }[]> {
  const path = join(folder, `${image.replace(/\.[^./]+$/, '')}.png`)
  if (!existsSync(path)) return []
  const { data, width, height } = await decodeImage(fileBytes(path), path)
  const found = new Set<number>()
  const labels = Int32Array.from({ length: width * height }, (_, i) => {
    const pixel = data[3 * i]! + 256 * data[3 * i + 1]! + 65536 * data[3 * i + 2]!
    found.add(pixel)
    return pixel
  })
  for (const pixel of found) {
    if (names.has(pixel) || unmarked.has(pixel)) continue
    const [r, g, b] = [pixel & 255, (pixel >> 8) & 255, pixel >> 16]
    const hex = `#${[r, g, b].map(v => v.toString(16).padStart(2, '0')).join('')}`
    throw new InputError(
      `${path} holds ${r === g && g === b ? `label ${r}` : hex}, which the names do not list`,
    )
  }
  const place = (centre: number, length: number) => Math.min(length - 1, Math.max(0, Math.floor(centre)))
  return [...found]
    .filter(pixel => names.has(pixel))
    .sort((a, b) => a - b)
    .map(pixel => ({
      pixel,
      mask: ({ xs, ys }) => {
        const mask = new Uint8Array(ys.length * xs.length)
        for (const [row, y] of ys.entries()) {
          for (const [column, x] of xs.entries()) {
            const at = place(y, height) * width + place(x, width)
            mask[row * xs.length + column] = labels[at] === pixel ? 1 : 0
          }
        }
        return mask
      },
    }))
}
