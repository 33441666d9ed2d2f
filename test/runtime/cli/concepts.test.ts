// silhouette concepts: from a user's annotations to a folder that dissection reads, and what is said of broken ones.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBroden } from '../../../src/data/broden.node.ts'
import { encodePng } from '../../../src/image/codec.node.ts'
import { pixels } from '../../../src/image/pixels.ts'
import { run } from '../../support/command.ts'

let folder: string
const at = (...parts: string[]) => join(folder, ...parts)

const side = 16

/** The left half of one colour, the right of another. */
async function write(path: string, left: readonly number[], right: readonly number[], width = side) {
  const data = new Uint8Array(3 * side * width)
  for (let i = 0; i < side * width; i++) data.set(i % width < width / 2 ? left : right, 3 * i)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, await encodePng(pixels(width, side, 3, data)))
}

const [red, blue, grey1, grey2] = [
  [230, 20, 20],
  [20, 20, 230],
  [1, 1, 1],
  [2, 2, 2],
]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'silhouette-concepts-'))
  await write(at('images', 'beach', 'a.png'), red!, blue!)
  // Twice as wide: the middle half is cut out, x from 8 to 24.
  await write(at('images', 'street', 'b.png'), blue!, red!, 2 * side)
  await write(at('labels', 'beach', 'a.png'), grey1!, grey2!)
  writeFileSync(at('names.csv'), 'value,name,category\n1,wood,material\n2,sand,material\n')
  writeFileSync(
    at('coco.json'),
    JSON.stringify({
      images: [
        { id: 1, file_name: 'beach/a.png' },
        { id: 2, file_name: 'street/b.png' },
      ],
      categories: [
        { id: 1, name: 'dog', supercategory: 'animal' },
        { id: 2, name: 'leg', supercategory: 'part' },
      ],
      annotations: [
        { image_id: 1, category_id: 1, segmentation: [[0, 0, 8, 0, 8, 8, 0, 8]] },
        { image_id: 1, category_id: 2, segmentation: [[0, 4, 4, 4, 4, 8, 0, 8]] },
        // Columns 16 to 23 of 32, in run-length code: half of what is left after the cut.
        { image_id: 2, category_id: 1, segmentation: { counts: [256, 128, 128], size: [16, 32] } },
      ],
    }),
  )
  const broden = join(import.meta.dirname, '../../fixtures/netdissect/broden')
  cpSync(broden, at('broken'), { recursive: true })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('concepts build', () => {
  const build = (...more: string[]) =>
    run('concepts', 'build', '--images', at('images'), '--size', String(side), ...more, '--quiet')

  test('joins polygons, run-length codes, label maps, scenes and colours in one folder', async () => {
    const { code, out, err } = await build(
      ...['--coco', at('coco.json'), '--labels', at('labels'), '--names', at('names.csv'), '--scenes'],
      ...['--out', at('made'), '--json'],
    )
    expect([code, err]).toEqual([0, ''])
    const result = JSON.parse(out)
    expect(result).toEqual({
      folder: at('made'),
      images: 2,
      categories: [
        { category: 'color', concepts: 11, shown: 2, images: 2 },
        { category: 'object', concepts: 1, shown: 1, images: 2 },
        { category: 'part', concepts: 1, shown: 1, images: 1 },
        { category: 'material', concepts: 2, shown: 2, images: 1 },
        { category: 'scene', concepts: 2, shown: 2, images: 2 },
      ],
    })
    const data = await openBroden(at('made'), [side, side])
    const nameOf = new Map(data.concepts.map(({ number, name }) => [number, name]))
    const half = side / 2
    for await (const { masks, images } of data.batches({ batchSize: 2 })) {
      const [a = expect.fail(), b = expect.fail()] = masks
      const areas = (maps: readonly Uint16Array[]) => {
        const counts: Record<string, number> = {}
        for (const map of maps)
          for (const number of map)
            if (number > 0) counts[nameOf.get(number)!] = (counts[nameOf.get(number)!] ?? 0) + 1
        return counts
      }
      expect(areas(a.maps)).toEqual({ 'red-c': 32, 'blue-c': 32, dog: 16, leg: 4, wood: 32, sand: 32 })
      expect(areas(b.maps)).toEqual({ 'red-c': 32, 'blue-c': 32, dog: 32 })
      expect([a.whole, b.whole].map(([number]) => nameOf.get(number!))).toEqual(['beach', 'street'])
      const dog = b.maps.find(map => [...map].some(number => nameOf.get(number) === 'dog'))!
      for (let p = 0; p < half * half; p++) expect(dog[p]! > 0).toBe(p % half >= half / 2)
      expect(images.data[3 * side * side]).toBeCloseTo(20 / 255, 6)
    }
  })

  test('marks two overlapping concepts of a category on two maps', async () => {
    const boxes = (second: number) => [
      { image_id: 1, category_id: 1, segmentation: [[0, 0, 8, 0, 8, 8, 0, 8]] },
      { image_id: 1, category_id: second, segmentation: [[4, 0, 12, 0, 12, 8, 4, 8]] },
    ]
    const json = (second: number) =>
      JSON.stringify({
        images: [{ id: 1, file_name: 'beach/a.png' }],
        categories: [
          { id: 1, name: 'horse' },
          { id: 2, name: 'rider' },
        ],
        annotations: boxes(second),
      })
    for (const [second, maps] of [
      [2, 2],
      [1, 1],
    ] as const) {
      writeFileSync(at('boxes.json'), json(second))
      const to = at(`overlap-${second}`)
      expect(await build('--coco', at('boxes.json'), '--no-colours', '--out', to)).toMatchObject({ code: 0 })
      const data = await openBroden(to, [side, side])
      for await (const { masks } of data.batches({ batchSize: 1, limit: 1 }))
        expect(masks[0]!.maps).toHaveLength(maps)
    }
  })

  test('says what is wrong with annotations, and leaves nothing behind', async () => {
    const fails = async (sentence: string, ...args: string[]) => {
      const { code, err } = await build(...args, '--out', at('never'))
      expect(err).toContain(sentence)
      expect(code).toBe(2)
      await expect(openBroden(at('never'), [side, side])).rejects.toThrow('no such file')
    }
    await fails('nothing annotates the images', '--no-colours')
    await fails('go together', '--labels', at('labels'))
    writeFileSync(at('few.csv'), 'value,name\n1,wood\n')
    const maps = ['--labels', at('labels'), '--names']
    await fails('holds label 2, which the names do not list', ...maps, at('few.csv'))
    writeFileSync(at('twice.csv'), 'value,name\n1,wood\n1,tree\n')
    await fails('names 1 a second time', ...maps, at('twice.csv'))
    writeFileSync(at('other.json'), '{"images":[],"categories":[],"annotations":[]}')
    await fails('lists none of the 2 images', '--coco', at('other.json'))
  })
})

describe('concepts check', () => {
  test('says what a folder holds', async () => {
    const { code, out } = await run('concepts', 'check', at('broken'), '--quiet')
    expect(code).toBe(0)
    expect(out).toMatch(/broken: 16 images\n\ncategory +concepts +shown +images annotated\n/)
    expect(out).toMatch(/part +2 +2 +4\n/)
  })

  test('says in one sentence what is wrong', async () => {
    const original = new Map(
      ['index.csv', 'label.csv'].map(name => [name, readFileSync(at('broken', name), 'utf8')]),
    )
    const broken = async (name: string, change: (text: string) => string, sentence: string) => {
      writeFileSync(at('broken', name), change(original.get(name)!))
      const { code, out, err } = await run('concepts', 'check', at('broken'), '--quiet')
      writeFileSync(at('broken', name), original.get(name)!)
      expect([code, out]).toEqual([2, ''])
      expect(err).toContain(sentence)
      expect(err.trim().split('\n')).toHaveLength(1)
    }
    await broken('label.csv', text => text.replace(/^4,/m, '5,'), 'has number 5 a second time')
    await broken(
      'label.csv',
      text => text.replace(/^4,cat[^\n]*\n/m, ''),
      'marks concept 4, which label.csv does not list',
    )
    await broken('index.csv', text => text.replace('0.png', 'gone.png'), 'gone.png')
    await broken('index.csv', text => text.replace('0.png', '../0.png'), 'lies outside images/')
    await broken('index.csv', text => text.replaceAll(',28,28,', ',28,14,'), 'another shape')
    await broken('index.csv', text => text.replaceAll(',28,28,', ',30,30,'), 'but the index says 30x30')
    await broken('index.csv', text => text.replace('sh,sw', 'x,y'), 'lacks the columns sh, sw')
    await broken('index.csv', text => `${text.split('\n')[0]}\n`, 'lists no images')
    expect(await run('concepts', 'check', at('nowhere'))).toMatchObject({ code: 2 })
    expect(await run('concepts', 'make')).toMatchObject({
      code: 2,
      err: expect.stringContaining('known: build'),
    })
  })
})
