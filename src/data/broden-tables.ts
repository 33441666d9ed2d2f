// The tables of a data set in Broden's layout (Bau et al. 2017): what its masks mean and where they are.

import { brodenCategories } from './broden.ts'
import type { Concept, ConceptMasks } from './concepts.ts'
import { writeCsv } from './csv.ts'

/** One image with what is marked on it. */
export interface BrodenEntry {
  /** Path below `images/`. */
  readonly image: string
  /** Its height and width. */
  readonly size: readonly [number, number]
  readonly masks: ConceptMasks
  /** By category: paths below `images/` of its masks, or concept numbers that hold for the whole image. */
  readonly cells: ReadonlyMap<string, readonly (string | number)[]>
}

/** Counts, per concept, the images and the area that show it. */
export class BrodenTables {
  private readonly rows: Record<string, string | number>[] = []
  private readonly images = new Map<number, number>()
  private readonly area = new Map<number, number>()

  /** @param concepts numbered from 1, category by category */
  constructor(private readonly concepts: readonly Concept[]) {}

  add({ image, size: [ih, iw], masks, cells }: BrodenEntry): void {
    const { height: sh, width: sw, maps, whole } = masks
    const row: Record<string, string | number> = { image, split: 'train', ih, iw, sh, sw }
    for (const category of brodenCategories) row[category] = (cells.get(category) ?? []).join(';')
    this.rows.push(row)
    const seen = new Set(whole)
    const addArea = (number: number, share: number) =>
      this.area.set(number, (this.area.get(number) ?? 0) + share)
    for (const number of whole) addArea(number, 1)
    for (const map of maps) {
      for (const number of map) {
        if (number === 0) continue
        seen.add(number)
        addArea(number, 1 / (sh * sw))
      }
    }
    for (const number of seen) this.images.set(number, (this.images.get(number) ?? 0) + 1)
  }

  /** How many images show the concept. */
  frequency(number: number): number {
    return this.images.get(number) ?? 0
  }

  /** All tables by file name. */
  files(): Readonly<Record<string, string>> {
    const coverage = (number: number) => (this.area.get(number) ?? 0).toFixed(3)
    const categories = [...new Set(this.concepts.map(concept => concept.category))]
    const ofCategory = (category: string) => this.concepts.filter(concept => concept.category === category)
    const files: Record<string, string> = {
      'index.csv': writeCsv<string>(
        ['image', 'split', 'ih', 'iw', 'sh', 'sw', ...brodenCategories],
        this.rows,
      ),
      'label.csv': writeCsv(
        ['number', 'name', 'category', 'frequency', 'coverage', 'syns'],
        this.concepts.map(({ number, name, category }) => ({
          number,
          name,
          category: `${category}(${this.frequency(number)})`,
          frequency: this.frequency(number),
          coverage: coverage(number),
          syns: '',
        })),
      ),
      'category.csv': writeCsv(
        ['name', 'first', 'last', 'count', 'frequency'],
        categories.map(name => {
          const own = ofCategory(name)
          const frequency = own.reduce((sum, { number }) => sum + this.frequency(number), 0)
          return { name, first: own[0]!.number, last: own.at(-1)!.number, count: own.length, frequency }
        }),
      ),
    }
    for (const category of categories) {
      files[`c_${category}.csv`] = writeCsv(
        ['code', 'number', 'name', 'frequency', 'coverage'],
        ofCategory(category).map(({ number, name }, i) => ({
          code: i + 1,
          number,
          name,
          frequency: this.frequency(number),
          coverage: coverage(number),
        })),
      )
    }
    return files
  }
}
