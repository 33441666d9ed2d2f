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
  /** Height and width of its masks. */
  readonly maskSize: readonly [number, number]
  /** Paths below `images/` of the masks, whose pixels hold concept numbers as R + 256 G. */
  readonly masks: readonly string[]
  /** Concepts that hold for the whole image. */
  readonly whole: readonly number[]
}

/**
 * Reads `index.csv`.
 * @throws InputError when a column is missing or a size is none.
 */
export function readBrodenIndex(text: string, what = 'index.csv'): BrodenImage[] {
  const columns = ['image', 'split', 'sh', 'sw'] as const
  const [header = ''] = text.split(/\r?\n/, 1)
  const present = brodenCategories.filter(category => header.split(',').includes(category))
  return readCsv(text, [...columns, ...present], what).map((row, i) => {
    const side = (name: 'sh' | 'sw') => {
      const value = Number(row[name])
      if (!Number.isInteger(value) || value < 1) {
        throw new InputError(
          `${what}: row ${i + 2} has ${name} ${JSON.stringify(row[name])}, expected pixels`,
        )
      }
      return value
    }
    const cells = present.flatMap(category => row[category].split(';')).filter(cell => cell !== '')
    return {
      image: row.image,
      split: row.split,
      maskSize: [side('sh'), side('sw')],
      masks: cells.filter(cell => !isNumber(cell)),
      whole: cells.filter(isNumber).map(Number),
    }
  })
}

/**
 * Reads `label.csv`. A concept that several categories share (`part(120);object(30)`) belongs to the one in
 * which it is marked most often.
 * @throws InputError when a column is missing, or a number or category is none.
 */
export function readBrodenLabels(text: string, what = 'label.csv'): Concept[] {
  const rows = readCsv(text, ['number', 'name', 'category'], what)
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
    // Number 0 is Broden's "nothing here".
    return Number(number) === 0 ? [] : [{ number: Number(number), name, category: most.label }]
  })
}

function isNumber(cell: string): boolean {
  return /^\d+$/.test(cell)
}
