import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cueConflictPairs } from '../../../src/synth/cue-conflict/pairs.ts'
import { Random } from '../../../src/tensor/random.ts'

const pictures = (counts: readonly number[]) =>
  counts.map((count, i) => ({
    name: `class${String.fromCharCode(97 + i)}`,
    files: Array.from({ length: count }, (_, k) => `${k}.png`),
  }))

test('every ordered pair of different classes gets as many stimuli, all different, pictures evenly used', () => {
  const counts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 4 })
  fc.assert(
    fc.property(counts, counts, fc.integer({ min: 1, max: 3 }), fc.integer(), (a, b, perPair, seed) => {
      const n = Math.min(a.length, b.length)
      const [shapes, textures] = [pictures(a.slice(0, n)), pictures(b.slice(0, n))]
      fc.pre(a.slice(0, n).every(x => b.slice(0, n).every(y => perPair <= x * y)))
      const pairs = cueConflictPairs(shapes, textures, perPair, new Random(seed))
      expect(pairs.length).toBe(n * (n - 1) * perPair)
      expect(new Set(pairs.map(pair => pair.path)).size).toBe(pairs.length)
      for (const pair of pairs) {
        expect(pair.shape).not.toBe(pair.texture)
        const [, s, t] = /^\w+\/class[a-d](\d+)-class[a-d](\d+)\.png$/.exec(pair.path)!
        expect([pair.shapeFile, pair.textureFile]).toEqual([`${Number(s) - 1}.png`, `${Number(t) - 1}.png`])
      }
      const used = new Map<string, number>()
      for (const pair of pairs.filter(p => p.shape === 'classa' && p.texture === 'classb'))
        used.set(pair.shapeFile, (used.get(pair.shapeFile) ?? 0) + 1)
      expect(Math.max(...used.values())).toBe(Math.ceil(perPair / shapes[0]!.files.length))
    }),
  )
})

test('says what does not fit', () => {
  const make = (names: readonly string[], others: readonly string[], perPair = 1) =>
    cueConflictPairs(
      names.map(name => ({ name, files: ['a.png'] })),
      others.map(name => ({ name, files: ['a.png'] })),
      perPair,
      new Random(0),
    )
  expect(() => make(['cat', 'dog'], ['cat', 'bird'])).toThrow('dog has no textures, bird has no shapes')
  expect(() => make(['cat'], ['cat'])).toThrow('at least two classes, found 1')
  expect(() => make(['cat', 't-shirt'], ['cat', 't-shirt'])).toThrow('class t-shirt cannot be told apart')
  expect(() => make(['cat', 'dog2'], ['cat', 'dog2'])).toThrow('class dog2 cannot')
  expect(() => make(['cat', 'dog'], ['cat', 'dog'], 2)).toThrow('1 pairs of pictures, fewer than the 2')
})
