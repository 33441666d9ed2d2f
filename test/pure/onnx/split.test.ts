// Graphs split behind inputs that come early.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GraphBuilder } from '../../../src/onnx/builder.ts'
import { checkGraph } from '../../../src/onnx/check.ts'
import { ordered } from '../../../src/onnx/edit.ts'
import type { Graph } from '../../../src/onnx/graph.ts'
import { checkOrder } from '../../../src/onnx/order.ts'
import { splitBehind } from '../../../src/onnx/split.ts'

const operators = ({ nodes }: Graph) => nodes.map(node => node.opType)
const names = (values: readonly { name: string }[]) => values.map(({ name }) => name)

/** exp(w) x + sqrt(2) */
function example(): GraphBuilder {
  const builder = new GraphBuilder('example')
  builder.input('x', 'float32', ['n'])
  builder.input('w', 'float32', [])
  const root = builder.op('Sqrt', [builder.scalar(2)])
  const product = builder.op('Mul', ['x', builder.op('Exp', ['w'])])
  builder.output(builder.op('Add', [product, root]), 'float32', ['n'], 'y')
  return builder
}

describe('splitBehind', () => {
  it('computes early what needs nothing else, and leaves what needs no input to the rest', () => {
    const { early, late, passed } = splitBehind(example().build(), ['w'])
    expect(operators(early!)).toEqual(['Exp'])
    expect(operators(late)).toEqual(['Sqrt', 'Mul', 'Add', 'Identity'])
    expect(names(early!.inputs)).toEqual(['w'])
    expect(passed).toEqual(names(early!.outputs))
    expect(names(late.inputs)).toEqual(['x', ...passed])
    checkGraph(early!)
    checkGraph(late)
  })

  it('passes early inputs on that the rest reads, and outputs that are early', () => {
    const builder = example()
    builder.output(builder.op('Neg', ['w']), 'float32', [], 'opposite')
    builder.output(builder.op('Mul', ['x', 'w']), 'float32', ['n'], 'z')
    const { early, late, passed } = splitBehind(builder.build(), ['w'])
    expect(names(early!.outputs)).toContain('opposite')
    expect(passed).toContain('w')
    expect(names(late.outputs)).toEqual(['y', 'opposite', 'z'])
    checkGraph(late)
  })

  it('has no early graph where the rest takes the inputs as they are', () => {
    expect(splitBehind(example().build(), ['x']).early).toBeUndefined()
    expect(splitBehind(example().build(), []).late.nodes).toHaveLength(5)
  })

  it('leaves values of unknown type to the rest', () => {
    const builder = example()
    builder.output(builder.op('Foo', ['w'], {}, { domain: 'com.microsoft' }), 'float32', [], 'z')
    const { early, late } = splitBehind(builder.build(), ['w'])
    expect(operators(early!)).toEqual(['Exp'])
    expect(operators(late)).toContain('Foo')
  })
})

describe('ordered', () => {
  it('puts nodes behind what they read, whatever order they stood in', () => {
    const graph = example().build()
    fc.assert(
      fc.property(fc.shuffledSubarray([...graph.nodes], { minLength: graph.nodes.length }), nodes => {
        const result = ordered({ ...graph, nodes })
        checkOrder(result)
        expect(new Set(result.nodes)).toEqual(new Set(graph.nodes))
      }),
    )
  })

  it('leaves an order that holds as it is', () => {
    const graph = example().build()
    expect(ordered(graph)).toEqual(graph)
  })
})
