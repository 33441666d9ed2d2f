import { describe, expect, test } from 'vitest'
import { alexnetErrors, corruptionError } from '../../../src/probe/corruption-error.ts'

const five = (value: number) => [value, value, value, value, value]
const alexnet = Object.fromEntries(
  Object.entries(alexnetErrors.corrupted).map(([name, error]) => [name, five(error)]),
)

describe('corruptionError', () => {
  test('is 100 for AlexNet itself', () => {
    const { mce, relativeMce } = corruptionError(alexnet, alexnetErrors.clean)
    expect(mce).toBeCloseTo(100, 10)
    expect(relativeMce).toBeCloseTo(100, 10)
  })

  test('is the mean of quotients of sums, clean errors taken off both sides for the relative one', () => {
    const names = Object.keys(alexnetErrors.corrupted)
    const errors = Object.fromEntries(names.map((name, i) => [name, [0.1, 0.2, 0.3, 0.4, 0.02 * i]]))
    const { mce, relativeMce } = corruptionError(errors, 0.25)
    const quotients = (own: number, theirs: number) =>
      names.map((name, i) => {
        const sum = 1 + 0.02 * i - 5 * own
        return (100 * sum) / (5 * alexnetErrors.corrupted[name]! - 5 * theirs)
      })
    const mean = (values: number[]) => values.reduce((total, v) => total + v, 0) / values.length
    expect(mce).toBeCloseTo(mean(quotients(0, 0)), 8)
    expect(relativeMce).toBeCloseTo(mean(quotients(0.25, alexnetErrors.clean)), 8)
  })

  test('a part has CEs but no mean; severities count alike', () => {
    const { mce, relativeMce, corruptions } = corruptionError({ fog: [0, 0.2, 0.4, 0.6, 0.8] })
    expect([mce, relativeMce]).toEqual([null, null])
    expect(corruptions[0]!.ce).toBeCloseTo((100 * 0.4) / 0.819324, 10)
  })

  test('says what is wrong', () => {
    expect(() => corruptionError({ spatter: five(0.1) })).toThrow(
      "AlexNet's error under spatter is not published",
    )
    expect(() => corruptionError({ fog: [0.1] })).toThrow('fog needs five errors from 0 to 1, found 0.1')
    expect(() => corruptionError({ fog: five(40) })).toThrow('from 0 to 1')
  })
})
