// Run-length codes and polygons against pycocotools (scripts/fixtures/coco.py).

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readCoco } from '../../../src/data/coco.ts'
import { type MaskGrid, polygonMask, rleMask } from '../../../src/data/mask-shapes.ts'
import { InputError } from '../../../src/errors/input-error.ts'

const size = z.tuple([z.number(), z.number()])
const { codes, polygons } = z
  .object({
    codes: z.array(
      z.object({
        size,
        packed: z.string(),
        runs: z.array(z.number()),
        area: z.number(),
        rows: z.array(z.string()).nullable(),
      }),
    ),
    polygons: z.array(z.object({ size, points: z.array(z.number()), packed: z.string() })),
  })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/data/coco.json'), 'utf8')))

/** A mask of the image's own size. */
const whole = ([height, width]: readonly [number, number]): MaskGrid => ({
  xs: Float64Array.from({ length: width }, (_, i) => i + 0.5),
  ys: Float64Array.from({ length: height }, (_, i) => i + 0.5),
})

describe('run-length codes', () => {
  it('unpack to the pixels of pycocotools, packed or not', () => {
    expect(codes).toHaveLength(4)
    for (const { size, packed, runs, area, rows } of codes) {
      const mask = rleMask(packed, size, whole(size))
      expect(mask).toEqual(rleMask(runs, size, whole(size)))
      expect(mask.reduce((sum, v) => sum + v, 0)).toBe(area)
      if (rows) expect(mask.join('')).toBe(rows.join(''))
    }
  })

  it('that do not fill the image are refused', () => {
    expect(() => rleMask([3, 2], [2, 3], whole([2, 3]), 'a code')).toThrow(
      'a code covers 5 pixels, expected 3x2 = 6',
    )
    expect(() => rleMask([1e10], [1e5, 1e5], whole([2, 2]))).toThrow('too many pixels')
    const garbage = fc.string({ unit: 'binary-ascii', maxLength: 40 })
    fc.assert(
      fc.property(garbage, text => {
        try {
          expect(rleMask(text, [3, 4], whole([3, 4]))).toHaveLength(12)
        } catch (error) {
          expect(error).toBeInstanceOf(InputError)
        }
      }),
    )
  })
})

describe('polygons', () => {
  it('cover what pycocotools covers, but for pixels on the outline', () => {
    for (const { size, points, packed } of polygons) {
      const ours = polygonMask([points], whole(size))
      const theirs = rleMask(packed, size, whole(size))
      const area = theirs.reduce((sum, v) => sum + v, 0)
      const [height, width] = size
      let differing = 0
      for (let i = 0; i < height * width; i++) {
        if (ours[i] === theirs[i]) continue
        differing++
        const [x, y] = [(i % width) + 0.5, Math.floor(i / width) + 0.5]
        expect(distanceToOutline(x, y, points)).toBeLessThan(1)
      }
      expect(area).toBeGreaterThan(50)
      expect(differing).toBeLessThan(0.2 * area)
    }
  })
})

function distanceToOutline(x: number, y: number, points: readonly number[]): number {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < points.length; i += 2) {
    const [ax, ay] = [points[i]!, points[i + 1]!]
    const [bx, by] = [points[(i + 2) % points.length]!, points[(i + 3) % points.length]!]
    const along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)
    const t = Math.min(1, Math.max(0, along))
    least = Math.min(least, Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay)))
  }
  return least
}

describe('COCO annotations', () => {
  const file = {
    images: [{ id: 7, file_name: 'a.jpg' }],
    categories: [{ id: 18, name: 'dog', supercategory: 'animal' }],
    annotations: [
      { image_id: 7, category_id: 18, segmentation: [[0, 0, 2, 0, 2, 2, 0, 2]] },
      { image_id: 7, category_id: 18, segmentation: { counts: [0, 4], size: [2, 2] } },
      { image_id: 7, category_id: 18 },
    ],
  }
  it('are read by file name', () => {
    const { categories, marks } = readCoco(JSON.stringify(file))
    expect(categories).toEqual([{ name: 'dog', supercategory: 'animal' }])
    expect(marks.get('a.jpg')!.map(mark => [...mark.mask(whole([2, 2]))])).toEqual([
      [1, 1, 1, 1],
      [1, 1, 1, 1],
    ])
  })
  it('that are none are refused in one sentence', () => {
    expect(() => readCoco('{', 'x.json')).toThrow(/^x\.json is not JSON: /)
    expect(() => readCoco('{"images":[]}', 'x.json')).toThrow(/^x\.json is not COCO-style JSON: categories: /)
    const stray = { ...file, annotations: [{ image_id: 8, category_id: 18 }] }
    expect(() => readCoco(JSON.stringify(stray), 'x.json')).toThrow(
      'x.json: annotation 0 is of image 8, which the file does not list',
    )
  })
})
