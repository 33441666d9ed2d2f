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

  test("gives ResNet-50's published figures from its published CEs, which are rounded to percent", () => {
    // Hendrycks & Dietterich 2019, table 1: clean error 23.9, mCE 76.7; relative mCE 105.0.
    const ces = [80, 82, 83, 75, 89, 78, 80, 78, 75, 66, 57, 71, 85, 77, 77]
    const errors = Object.fromEntries(
      Object.entries(alexnetErrors.corrupted).map(([name, error], i) => [
        name,
        five((ces[i]! / 100) * error),
      ]),
    )
    const { mce, relativeMce, corruptions } = corruptionError(errors, 0.239)
    expect(Math.abs(mce! - 76.7)).toBeLessThan(0.5)
    expect(Math.abs(relativeMce! - 105)).toBeLessThan(1)
    expect(corruptions.map(row => Math.round(row.ce))).toEqual(ces)
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
