// Schemes compared on the same images, with planted differences.

import { expect, it } from 'vitest'
import { compareShares } from '../../../src/probe/significance.ts'
import { renderSweep } from '../../../src/report/sweep/page.ts'
import { type Compared, compareSchemes, direction } from '../../../src/sweep/comparison.ts'
import { Random } from '../../../src/tensor/random.ts'

const images = 200
/** Right on the images from `from` to `to`. */
const between = (from: number, to: number) => Array.from({ length: images }, (_, i) => i >= from && i < to)

const ones = (right: readonly boolean[]) => right.map(Number)

function member(
  scheme: string,
  clean: boolean[],
  robust: boolean[],
  { group = scheme, seconds = 10 as number | null } = {},
): Compared {
  return {
    row: { group, scheme, secondsPerEpoch: seconds },
    right: { clean, robust, autoAttack: [] },
  }
}
const reference = member('pgd', between(0, 160), between(0, 80))
const compare = (...members: Compared[]) => compareSchemes(members, 'pgd', new Random(3))

it('tells what is more than chance, and what it costs', () => {
  const trades = member('trades', between(0, 130), between(0, 110), { seconds: 16 })
  const like = member('like', between(1, 161), between(2, 81), { seconds: null })
  const found = compare(reference, trades, like)
  expect(found.map(({ group, reference }) => [group, reference])).toEqual([
    ['trades', 'pgd'],
    ['like', 'pgd'],
  ])
  const [first, second] = found
  expect(first).toMatchObject({ time: 1.6, autoAttack: null })
  expect(first!.clean).toMatchObject(compareShares(ones(trades.right.clean), ones(reference.right.clean)))
  expect(first!.clean.difference.value).toBeCloseTo(-0.15, 12)
  expect([direction(first!.clean), direction(first!.robust)]).toEqual([-1, 1])
  expect(second!.time).toBeNull()
  expect([direction(second!.clean), direction(second!.robust)]).toEqual([0, 0])
  // Four were asked.
  expect(first!.clean.pHolm).toBeCloseTo(4 * first!.clean.p, 12)
})

it('averages over seeds image by image', () => {
  const seeds = [0, 1].map(seed => member('trades', between(0, 160), between(10 * seed, 100)))
  const [found] = compare(reference, reference, ...seeds)
  expect(found!.robust.difference.value).toBeCloseTo((100 + 90) / 2 / images - 80 / images, 12)
  expect(found!.robust.difference.low).toBeLessThan(0.075)
  expect(found!.robust.difference.high).toBeGreaterThan(0.075)
  expect(found!.robust.p).toBeLessThan(0.05)
  expect(found!.clean).toMatchObject({ p: 1, n: images })
})

it('compares only what was trained alike but for the scheme', () => {
  const wide = member('trades', between(0, 1), between(0, 1), { group: 'trades-w8' })
  expect(compare(reference, wide)).toEqual([])
  const wideReference = member('pgd', between(0, 1), between(0, 1), { group: 'pgd-w8' })
  expect(compare(reference, wide, wideReference)).toMatchObject([{ group: 'trades-w8', reference: 'pgd-w8' }])
  // Of one there are two seeds, of the other one.
  expect(compare(reference, reference, member('trades', between(0, 9), between(0, 9)))).toEqual([])
})

it('stands in the report, in words', () => {
  const trades = member('trades', between(0, 130), between(0, 110), { seconds: 16 })
  const page = renderSweep(
    {
      format: 1,
      name: 'schemes',
      measure: { norm: 'L2', epsilon: 1.5, steps: 20 },
      images: { clean: images, attacked: images, autoAttacked: 0, cueConflict: 0 },
      rows: [],
      comparisons: compare(reference, trades),
      versions: {},
    },
    '1.0',
  )
  expect(page).toContain('Schemes beside pgd')
  expect(page).toContain('more robust, less accurate')
  expect(page).toContain('1.60 x')
})
