// FAB's steps towards a plane: the way there is the shortest inside the box, however long the vectors.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stepPast, towardsHyperplane } from '../../../src/attack/hyperplane.ts'
import { norms } from '../../../src/attack/norm.ts'
import { Random } from '../../../src/tensor/random.ts'

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0)

/** A point of the box, many of its coordinates at 0 and 1, a plane that goes through `other`, of any length. */
const problem = fc
  .record({ size: fc.integer({ min: 1, max: 1100 }), seed: fc.nat() })
  .map(({ size, seed }) => {
    const random = new Random(seed)
    const pixel = () => (random.uniform() < 0.4 ? random.integer(2) : random.uniform())
    const vector = (draw: () => number) => Float32Array.from({ length: size }, draw)
    const normal = vector(() => (random.uniform() < 0.2 ? 0 : random.normal() ** 3))
    normal[0] = 0.5
    const [point, other, original] = [vector(pixel), vector(pixel), vector(pixel)]
    const plane = { normal, gap: dot(normal, point) - dot(normal, other) }
    return { point, other, original, plane }
  })

describe.each(['L2', 'Linf'] as const)('the way to a plane, %s', name => {
  const norm = norms[name]

  it('ends on the plane and in the box, and no point there is nearer', () => {
    fc.assert(
      fc.property(problem, ({ point, other, plane }) => {
        const d = towardsHyperplane(name, point, plane)
        const reached = point.map((value, i) => value + d[i]!)
        expect(reached.findIndex(value => !(value >= 0 && value <= 1))).toBe(-1)
        const scale = plane.normal.reduce((sum, w) => sum + Math.abs(w), 0)
        expect(Math.abs(dot(plane.normal, d) + plane.gap)).toBeLessThan(1e-6 * scale)
        expect(norm.length(d)).toBeLessThanOrEqual(norm.between(point, other) * (1 + 1e-5) + 1e-6)
        // What makes it the nearest: all coordinates have moved for the same time, or to the end of their room.
        const speed = (i: number) => (name === 'Linf' ? 1 : Math.abs(plane.normal[i]!))
        const room = (i: number) => (plane.normal[i]! * plane.gap > 0 ? point[i]! : 1 - point[i]!)
        const moved = [...d.keys()].filter(i => Math.abs(plane.normal[i]!) > 1e-3)
        const time = Math.max(0, ...moved.map(i => Math.abs(d[i]!) / speed(i)))
        const off = moved.map(i => Math.abs(Math.abs(d[i]!) - Math.min(time * speed(i), room(i))))
        expect(Math.max(0, ...off)).toBeLessThan(1e-5)
      }),
    )
  })

  it('is a step past the plane, drawn towards the original', () => {
    fc.assert(
      fc.property(problem, ({ point, original, plane: { normal, gap } }) => {
        const near = towardsHyperplane(name, point, { normal, gap })
        const originalGap = gap + dot(normal, original) - dot(normal, point)
        const far = towardsHyperplane(name, original, { normal, gap: originalGap })
        const [a, b] = [norm.length(near) || 1e-8, norm.length(far) || 1e-8]
        const share = Math.min(a / (a + b), 0.1)
        const wanted = point.map((value, i) =>
          Math.min(
            1,
            Math.max(0, (1 - share) * (value + 1.05 * near[i]!) + share * (original[i]! + 1.05 * far[i]!)),
          ),
        )
        const moved = point.slice()
        stepPast(name, moved, original, { normal, gap })
        expect(norms.Linf.between(moved, wanted)).toBeLessThan(1e-5)
      }),
    )
  })
})

it('goes to the nearest corner where the plane misses the box', () => {
  const plane = { normal: Float32Array.of(1, -1), gap: 0.25 - 5 }
  expect([...towardsHyperplane('L2', Float32Array.of(0.5, 0.25), plane)]).toEqual([0.5, -0.25])
})

it('stays where it is on the plane, and where the normal is 0', () => {
  const point = Float32Array.of(0.5, 0, 1)
  const ways = [
    towardsHyperplane('L2', point, { normal: Float32Array.of(1, 2, 3), gap: 0 }),
    towardsHyperplane('Linf', point, { normal: new Float32Array(3), gap: 1 }),
  ]
  for (const way of ways) expect(norms.Linf.length(way)).toBe(0)
})
