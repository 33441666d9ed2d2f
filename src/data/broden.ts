// The tables of Broden (Bau et al. 2017): which concepts there are, and what is marked on which image.

import { InputError } from '../errors/input-error.ts'
import type { Concept } from './concepts.ts'
import { readCsv } from './csv.ts'

/** Columns of `index.csv` that hold annotations. */
export const brodenCategories = ['color', 'object', 'part', 'material', 'scene', 'texture'] as const

/** One image of `index.csv`. */
export interface BrodenImage {
  /** Path below `images/`. */
  readonly image: string
  readonly split: string
  /** Its height and width. */
  readonly size: readonly [number, number]
  /** Height and width of its masks. */
  readonly maskSize: readonly [number, number]
  /** Paths below `images/` of the masks, whose pixels hold concept numbers as R + 256 G. */
  readonly masks: readonly string[]
  /** Concepts that hold for the whole image. */
  readonly whole: readonly number[]
}

/**
 * Reads `index.csv`.
 * @throws InputError when a column is missing, a size is none, or a path leads outside of `images/`.
 */
export function readBrodenIndex(text: string, what = 'index.csv'): BrodenImage[] {
  const columns = ['image', 'split', 'ih', 'iw', 'sh', 'sw'] as const
  const [header = ''] = text.split(/\r?\n/, 1)
  const present = brodenCategories.filter(category => header.split(',').includes(category))
  const rows = readCsv(text, [...columns, ...present], what)
  if (present.length === 0) {
    throw new InputError(
      `${what} has no column of annotations (expected some of ${brodenCategories.join(', ')})`,
    )
  }
  return rows.map((row, i) => {
    const side = (name: 'ih' | 'iw' | 'sh' | 'sw') => {
      const value = Number(row[name])
      if (!Number.isInteger(value) || value < 1) {
        throw new InputError(
          `${what}: row ${i + 2} has ${name} ${JSON.stringify(row[name])}, expected pixels`,
        )
      }
      return value
    }
    const cells = present.flatMap(category => row[category].split(';')).filter(cell => cell !== '')
    const outside = [row.image, ...cells].find(path => /^[/\\]|(^|[/\\])\.\.([/\\]|$)/.test(path))
    if (row.image === '') throw new InputError(`${what}: row ${i + 2} names no image`)
    if (outside !== undefined)
      throw new InputError(`${what}: row ${i + 2} names ${outside}, which lies outside images/`)
    return {
      image: row.image,
      split: row.split,
      size: [side('ih'), side('iw')],
      maskSize: [side('sh'), side('sw')],
      masks: cells.filter(cell => !isNumber(cell)),
      whole: cells.filter(isNumber).map(Number),
    }
  })
}

/**
 * Reads `label.csv`. A concept that several categories share (`part(120);object(30)`) belongs to the one in
 * which it is marked most often.
 * @throws InputError when a column is missing, a number or category is none, or a number comes twice.
 */
export function readBrodenLabels(text: string, what = 'label.csv'): Concept[] {
  const rows = readCsv(text, ['number', 'name', 'category'], what)
  const seen = new Set<string>()
  return rows.flatMap(({ number, name, category }, i) => {
    const shares = category.split(';').map(share => {
      const [, label = '', count = '0'] = /^\s*([^()]+?)\s*(?:\((\d+)\))?\s*$/.exec(share) ?? []
      return { label, count: Number(count) }
    })
    const [first, ...others] = shares
    const most = others.reduce((a, b) => (b.count > a.count ? b : a), first!)
    if (!isNumber(number) || most.label === '') {
      throw new InputError(
        `${what}: row ${i + 2} (${number}, ${name}, ${category}) is not a number, a name and categories`,
      )
    }
    if (seen.has(number)) throw new InputError(`${what}: row ${i + 2} has number ${number} a second time`)
    seen.add(number)
    // Number 0 is Broden's "nothing here".
    return Number(number) === 0 ? [] : [{ number: Number(number), name, category: most.label }]
  })
}

function isNumber(cell: string): boolean {
  return /^\d+$/.test(cell)
}
