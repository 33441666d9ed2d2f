import { describe, expect, test } from 'vitest'
import {
  integerFrom,
  numberFrom,
  oneOf,
  parseCount,
  parseEpsilon,
  parseNorm,
  parseTriple,
} from '../../../src/cli/command.ts'

describe('option values', () => {
  test.each([
    ['3', 3],
    ['0', 0],
    ['.5', 0.5],
    ['1e-2', 0.01],
    ['8/255', 8 / 255],
    [' 8 / 255 '.replaceAll(' ', ''), 8 / 255],
  ])('epsilon %s', (text, value) => {
    expect(parseEpsilon(text)).toBe(value)
  })

  test.each(['-1', '-8/255', '', 'x', '1/0', '0/0', 'Infinity', 'NaN', '1/2/3', '0x10', '1 2', '8/'])(
    'epsilon %j is refused',
    text => {
      expect(() => parseEpsilon(text)).toThrow('expected a number of at least 0, such as 3 or 8/255')
    },
  )

  test('counts', () => {
    expect(parseCount('20')).toBe(20)
    for (const text of ['0', '-1', '1.5', '1e3', '', '99999999999999999999']) {
      expect(() => parseCount(text)).toThrow('expected an integer of at least 1')
    }
    expect(() => integerFrom(0, 9)('10')).toThrow('expected an integer from 0 to 9')
    expect(numberFrom(0, 1)('1/2')).toBe(0.5)
    expect(() => numberFrom(0, 1)('1.5')).toThrow('expected a number from 0 to 1')
  })

  test('norms and choices, in any case', () => {
    expect(parseNorm('l2')).toBe('L2')
    expect(parseNorm('LINF')).toBe('Linf')
    expect(() => parseNorm('L3')).toThrow('expected L2 or Linf')
    expect(oneOf(['alexnet', 'MiniRes'])('minires')).toBe('MiniRes')
    expect(() => oneOf(['a', 'b'])('c')).toThrow('expected one of a, b')
  })

  test('triples', () => {
    expect(parseTriple('0.485,0.456,0.406')).toEqual([0.485, 0.456, 0.406])
    expect(parseTriple('0.5')).toEqual([0.5, 0.5, 0.5])
    for (const text of ['1,2', '1,2,3,4', '', 'a,b,c']) {
      expect(() => parseTriple(text)).toThrow('expected one number or three')
    }
  })
})
