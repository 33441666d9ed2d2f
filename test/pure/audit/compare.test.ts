import { describe, expect, test } from 'vitest'
import { compareRuns, type Run } from '../../../src/audit/compare.ts'
import { mcnemar } from '../../../src/probe/significance.ts'
import { Random } from '../../../src/tensor/random.ts'

const options = () => ({ random: new Random(0), resamples: 200 })
const header = 'condition,model,image,label,texture,decision,correct'

/** A run whose network is right on the first `hits` of 100 images of each condition. */
function run(name: string, conditions: Record<string, number>, model = name, fingerprint = 'f'): Run {
  const rows = Object.entries(conditions).flatMap(([condition, hits]) =>
    Array.from({ length: 100 }, (_, i) => {
      const right = i < hits
      return [condition, model, `image ${i}`, 'cat', '', right ? 'cat' : 'dog', right ? 1 : 0].join()
    }),
  )
  return { name, images: `${[header, ...rows].join('\n')}\n`, data: [{ name: 'images', fingerprint }] }
}

describe('two runs', () => {
  test('are tested image by image, second against first, and corrected for their number', () => {
    const { changes, notCompared } = compareRuns(
      run('before', { clean: 90, noise: 50, blur: 40 }),
      run('after', { clean: 80, noise: 53, blur: 40 }),
      options(),
    )
    expect(notCompared).toEqual([])
    expect(changes.map(({ measure, verdict }) => [measure, verdict])).toEqual([
      ['accuracy clean', 'lower'],
      ['accuracy noise', 'no difference'],
      ['accuracy blur', 'no difference'],
    ])
    const [clean] = changes
    expect(clean!.difference.value).toBeCloseTo(-0.1, 12)
    expect(clean!.p).toBe(mcnemar(10, 0))
    expect(clean!.corrected).toBeCloseTo(3 * mcnemar(10, 0), 12)
    expect([clean!.first.value, clean!.second.value, clean!.n]).toEqual([0.9, 0.8, 100])
  })

  test('line up whatever the order of their rows', () => {
    const after = run('after', { clean: 80 })
    const [top = '', ...rows] = after.images.trim().split('\n')
    const shuffled = { ...after, images: `${[top, ...rows.reverse()].join('\n')}\n` }
    const first = run('before', { clean: 90 })
    expect(compareRuns(first, shuffled, options())).toEqual(compareRuns(first, after, options()))
  })

  test('put all corruptions into one question', () => {
    const levels = (hits: number) => ({ 'fog-1': hits, 'fog-3': hits - 10, 'glass_blur-5': hits - 20 })
    const { changes } = compareRuns(run('before', levels(60)), run('after', levels(45)), options())
    expect(changes).toHaveLength(1)
    expect(changes[0]).toMatchObject({
      measure: 'accuracy under 3 corruptions',
      n: 100,
      p: 1 / 201,
      verdict: 'lower',
    })
    expect(changes[0]!.first.value).toBeCloseTo(0.5, 12)
    expect(changes[0]!.difference.value).toBeCloseTo(-0.15, 12)
  })

  const conflict = (name: string, shapes: number, otherwise = 'dog'): Run => {
    const rows = Array.from({ length: 100 }, (_, i) => {
      const decision = i < shapes ? 'cat' : otherwise
      return ['cue-conflict', name, `cat${i}-dog1.png`, 'cat', 'dog', decision, 0].join()
    })
    return { name, images: `${[header, ...rows].join('\n')}\n`, data: [] }
  }

  test('compare shape bias by permutation', () => {
    const { changes } = compareRuns(conflict('before', 30), conflict('after', 80), options())
    expect(changes).toHaveLength(1)
    expect(changes[0]).toMatchObject({
      measure: 'shape bias',
      first: { value: 0.3 },
      second: { value: 0.8 },
      verdict: 'higher',
      p: 1 / 201,
    })
  })

  test('do not compare a shape bias that one of them does not have', () => {
    const clean = run('x', { clean: 90 }).images
    const both = (one: Run): Run => ({
      ...one,
      images: one.images + clean.slice(header.length + 1).replaceAll(',x,', `,${one.name},`),
    })
    const [some, none] = [both(conflict('before', 30)), both(conflict('after', 0, 'bird'))]
    const { changes, notCompared } = compareRuns(some, none, options())
    expect(changes.map(({ measure }) => measure)).toEqual(['accuracy clean'])
    expect(notCompared).toEqual([
      'shape bias (the second: not measurable: 0 of 100 decisions for shape or texture)',
    ])
    expect(compareRuns(none, none, options()).notCompared[0]).toContain('(both: not measurable')
  })

  test('say what they cannot compare', () => {
    const first = run('before', { clean: 90, fog: 10 })
    const other = run('after', { clean: 90, rain: 10 })
    expect(compareRuns(first, other, options()).notCompared).toEqual([
      'fog (only in before)',
      'rain (only in after)',
    ])
    const renamed = {
      ...other,
      images: other.images.replaceAll('rain', 'fog').replaceAll('fog,after,image', 'fog,after,i'),
    }
    expect(compareRuns(first, renamed, options()).notCompared).toEqual(['fog (other images)'])
    expect(() => compareRuns(first, run('after', { rain: 1 }), options())).toThrow('no condition in common')
    expect(() => compareRuns(first, run('after', { clean: 1 }, 'after', 'g'), options())).toThrow(
      'before and after saw different images of images',
    )
  })

  test('of two networks each are compared network by network', () => {
    const both = (name: string, s: number, r: number): Run => {
      const [one, two] = [run(name, { clean: s }, 'S'), run(name, { clean: r }, 'R')]
      return { ...one, images: one.images + two.images.slice(two.images.indexOf('\n') + 1) }
    }
    const { changes } = compareRuns(both('before', 90, 80), both('after', 90, 60), options())
    expect(changes.map(({ model, verdict }) => [model, verdict])).toEqual([
      ['S', 'no difference'],
      ['R', 'lower'],
    ])
    const foreign = {
      ...both('after', 1, 2),
      images: both('after', 1, 2).images.replaceAll(/,[SR],/g, ',T,'),
    }
    expect(() => compareRuns(both('before', 1, 2), foreign, options())).toThrow(
      'before has the networks S, R, after T: name them alike',
    )
  })
})
