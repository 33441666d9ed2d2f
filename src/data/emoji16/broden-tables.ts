// The tables of a data set in Broden's layout (Bau et al. 2017): what its masks mean and where they are.

import { type Emoji16Maps, emoji16Concepts } from './concepts.ts'

/** Counts, per concept, the images and the area that show it. */
export class BrodenTables {
  private readonly rows: string[] = []
  private readonly images = new Float64Array(emoji16Concepts.length + 1)
  private readonly area = new Float64Array(emoji16Concepts.length + 1)

  /** @param side pixels per side of the images; masks have half of it */
  constructor(private readonly side: number) {}

  /** Adds an image and the files of its maps, seen from the `images` folder. */
  add(image: string, maps: Emoji16Maps, files: Readonly<Partial<Record<keyof Emoji16Maps, string>>>): void {
    const half = this.side / 2
    const { color = '', object = '', texture = '' } = files
    this.rows.push(
      [image, 'train', this.side, this.side, half, half, color, object, '', '', '', texture].join(),
    )
    for (const map of [maps.color, maps.object, maps.texture]) {
      const seen = new Set<number>()
      for (const number of map ?? []) {
        if (number === 0) continue
        seen.add(number)
        this.area[number]! += 1 / half ** 2
      }
      for (const number of seen) this.images[number]! += 1
    }
  }

  /** All tables by file name. */
  files(): Readonly<Record<string, string>> {
    const lines = (...rows: readonly (readonly (string | number)[])[]) =>
      rows.map(row => `${row.join()}\n`).join('')
    const categories = [...new Set(emoji16Concepts.map(concept => concept.category))]
    const count = (number: number) => this.images[number]!
    const coverage = (number: number) => this.area[number]!.toFixed(3)
    const files: Record<string, string> = {
      'index.csv': `image,split,ih,iw,sh,sw,color,object,part,material,scene,texture\n${this.rows.join('\n')}\n`,
      'label.csv': lines(
        ['number', 'name', 'category', 'frequency', 'coverage', 'syns'],
        ...emoji16Concepts.map(({ number, name, category }) => [
          number,
          name,
          `${category}(${count(number)})`,
          count(number),
          coverage(number),
          '',
        ]),
      ),
      'category.csv': lines(
        ['name', 'first', 'last', 'count', 'frequency'],
        ...categories.map(category => {
          const own = emoji16Concepts.filter(concept => concept.category === category)
          const frequency = own.reduce((sum, { number }) => sum + count(number), 0)
          return [category, own[0]!.number, own.at(-1)!.number, own.length, frequency]
        }),
      ),
    }
    for (const category of categories) {
      const own = emoji16Concepts.filter(concept => concept.category === category)
      files[`c_${category}.csv`] = lines(
        ['code', 'number', 'name', 'frequency', 'coverage'],
        ...own.map(({ number, name }, i) => [i + 1, number, name, count(number), coverage(number)]),
      )
    }
    return files
  }
}
