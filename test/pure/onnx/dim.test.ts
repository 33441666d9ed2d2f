// Symbolic axes: arithmetic on the text must agree with arithmetic on the numbers it stands for.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Dim } from '../../../src/onnx/graph.ts'
import {
  addDims,
  broadcastDims,
  divideDims,
  floorDivideDims,
  multiplyDims,
  subtractDims,
  symbolOf,
} from '../../../src/onnx/shapes/dim.ts'

/** Longer names first, as {@link evaluate} replaces them in this order. */
const values: Readonly<Record<string, number>> = { 'batch size': 31, 'h.w': 29, n: 7, c: 13 }

/** What a symbolic axis is when the symbols have {@link values}; reads only what dim.ts can write. */
function evaluate(dim: Dim): number {
  if (typeof dim === 'number') return dim
  let code = dim
  for (const [symbol, value] of Object.entries(values)) code = code.replaceAll(symbol, `${value}`)
  expect(code.replaceAll('floor', '').replaceAll('max', '')).toMatch(/^[-+*/(), \d]+$/)
  return Number(new Function('floor', 'max', `return ${code}`)(Math.floor, Math.max))
}

const atom = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constantFrom(...Object.keys(values)))
const operation = fc.constantFrom<[string, (a: Dim, b: Dim) => Dim, (a: number, b: number) => number]>(
  ['+', addDims, (a, b) => a + b],
  ['-', subtractDims, (a, b) => a - b],
  ['*', multiplyDims, (a, b) => a * b],
)
const { expression } = fc.letrec<{ expression: Dim }>(tie => ({
  expression: fc.oneof(
    { maxDepth: 4 },
    atom,
    fc.tuple(tie('expression'), tie('expression'), operation).map(([a, b, [, f]]) => f(a, b)),
    fc.tuple(tie('expression'), fc.integer({ min: 1, max: 5 })).map(([a, b]) => floorDivideDims(a, b)),
  ),
}))

test('sums, differences and products evaluate to those of the numbers', () => {
  fc.assert(
    fc.property(expression, expression, operation, (a, b, [, symbolic, numeric]) => {
      // + 0: a product may be -0, which is no other length than 0
      expect(evaluate(symbolic(a, b)) + 0).toBe(numeric(evaluate(a), evaluate(b)) + 0)
    }),
  )
})

test('floor division evaluates to that of the numbers', () => {
  fc.assert(
    fc.property(expression, fc.integer({ min: 1, max: 6 }), (a, b) => {
      expect(evaluate(floorDivideDims(a, b))).toBe(Math.floor(evaluate(a) / b))
    }),
  )
})

test('equal polynomials are equal texts', () => {
  fc.assert(
    fc.property(expression, expression, expression, (a, b, c) => {
      expect(multiplyDims(addDims(a, b), c)).toBe(addDims(multiplyDims(c, b), multiplyDims(c, a)))
      expect(subtractDims(addDims(a, b), b)).toBe(a)
    }),
  )
})

test('division gives a result exactly where it is certain', () => {
  expect(divideDims(multiplyDims('n', 48), multiplyDims('n', 3))).toBe(16)
  expect(divideDims(addDims(multiplyDims('n', 'c'), 'c'), 'c')).toBe('n + 1')
  expect(divideDims('n', 2)).toBeUndefined()
  expect(divideDims(0, 0)).toBeUndefined()
  expect(floorDivideDims(addDims('h', 5), 2)).toBe('floor((h + 1)/2) + 2')
})

test('broadcasting: equal or 1, and a symbol against a number is that number', () => {
  expect(broadcastDims('n', 1)).toBe('n')
  expect(broadcastDims('n', 'n')).toBe('n')
  expect(broadcastDims('n', 3)).toBe(3)
  expect(broadcastDims('n', 'm')).toBe(broadcastDims('m', 'n'))
  expect(broadcastDims(2, 3)).toBeUndefined()
})

test('symbols of a file that would read as arithmetic are renamed', () => {
  expect(symbolOf('batch-size')).toBe('batch_size')
  expect(symbolOf('batch size')).toBe('batch size')
  expect(symbolOf('2*n + 1')).toBe('2*n + 1')
})
