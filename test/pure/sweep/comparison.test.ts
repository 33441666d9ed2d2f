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
  { group = scheme, seconds = 10 as number | null, seed = 0 } = {},
): Compared {
  return {
    row: { group, scheme, recipe: { seed }, secondsPerEpoch: seconds },
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

it('averages over seeds image by image, and asks whether the seeds agree', () => {
  const of = (scheme: string, seed: number, to: number) =>
    member(scheme, between(0, 160), between(0, to), { seed })
  const beside = (...ends: number[]) => {
    const references = [80, 84, 82].map((to, seed) => of('pgd', seed, to))
    // In another order than the references.
    const seeds = ends.map((to, seed) => of('trades', seed, to)).reverse()
    const [found, ...others] = compare(...references, ...seeds)
    expect(others).toEqual([])
    return found!
  }
  // Differences of 18, 20 and 19 images of 200: mean .095, standard error .0029, t(.975; 2) = 4.3027.
  const alike = beside(98, 104, 101)
  expect(alike.robust.difference.value).toBeCloseTo(0.095, 12)
  expect(alike.robust.overSeeds!.value).toBeCloseTo(0.095, 12)
  expect(alike.robust.overSeeds!.low).toBeCloseTo(0.095 - (4.3027 * 0.005) / Math.sqrt(3), 5)
  expect(alike.robust.p).toBeLessThan(1e-4)
  expect(direction(alike.robust)).toBe(1)
  expect(alike.clean).toMatchObject({ p: 1, n: images, overSeeds: { value: 0 } })
  // The same mean from seeds that contradict each other: sure of these images, not of the next seed.
  const apart = beside(180, 64, 59)
  expect(apart.robust.difference.value).toBeCloseTo(0.095, 12)
  expect(apart.robust.pHolm).toBeLessThan(0.05)
  expect(direction(apart.robust)).toBe(0)
})

it('compares only what was trained alike but for the scheme', () => {
  const wide = member('trades', between(0, 1), between(0, 1), { group: 'trades-w8' })
  expect(compare(reference, wide)).toEqual([])
  const wideReference = member('pgd', between(0, 1), between(0, 1), { group: 'pgd-w8' })
  expect(compare(reference, wide, wideReference)).toMatchObject([{ group: 'trades-w8', reference: 'pgd-w8' }])
  // Of one there are two seeds, of the other one.
  const second = member('pgd', between(0, 160), between(0, 80), { seed: 1 })
  const trades = member('trades', between(0, 9), between(0, 9))
  expect(compare(reference, second, trades)).toEqual([])
  // And here one of each, but not the same.
  expect(compare(second, trades)).toEqual([])
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
