// The reverse walk itself: what it appends, what it leaves out, and what it refuses.

import { describe, expect, it } from 'vitest'
import { withCrossEntropy } from '../../../src/grad/loss.ts'
import { gradient, gradientName } from '../../../src/grad/reverse.ts'
import { GraphBuilder } from '../../../src/onnx/builder.ts'
import { checkGraph } from '../../../src/onnx/check.ts'
import { printGraph } from '../../../src/onnx/print.ts'
import { float32, zeros } from '../../../src/tensor/tensor.ts'

function smallNet() {
  const b = new GraphBuilder('small')
  b.input('images', 'float32', ['n', 3, 8, 8])
  b.initializer('conv.weight', zeros('float32', [4, 3, 3, 3]))
  b.initializer('fc.weight', zeros('float32', [5, 4]))
  const conv = b.op('Conv', ['images', 'conv.weight'], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] })
  const relu = b.op('Relu', [conv])
  const mean = b.op('GlobalAveragePool', [relu])
  const flat = b.op('Flatten', [mean], { axis: 1 })
  const logits = b.op('Gemm', [flat, 'fc.weight'], { transB: 1 }, { name: 'logits' })
  b.output(logits, 'float32', ['n', 5])
  return b.build()
}

describe('gradient', () => {
  it('appends to the graph and leaves what was there as it was', () => {
    const graph = withCrossEntropy(smallNet(), 'logits')
    const longer = gradient(graph, 'loss', ['images'])
    checkGraph(longer)
    expect(longer.nodes.slice(0, graph.nodes.length)).toEqual(graph.nodes)
    expect(longer.outputs.at(-1)).toEqual({
      name: 'd(loss)/d(images)',
      dtype: 'float32',
      shape: ['n', 3, 8, 8],
    })
  })

  it('prints as text a person can follow', () => {
    const graph = withCrossEntropy(smallNet(), 'logits')
    expect(printGraph(gradient(graph, 'loss', ['images']))).toMatchSnapshot()
    expect(printGraph(gradient(graph, 'loss', ['conv.weight', 'fc.weight']))).toMatchSnapshot()
  })

  it('computes nothing for inputs that nobody asked for', () => {
    const longer = gradient(withCrossEntropy(smallNet(), 'logits'), 'loss', ['fc.weight'])
    const added = longer.nodes.map(node => node.opType)
    expect(added.filter(op => op === 'Conv')).toHaveLength(1)
    expect(added).not.toContain('ConvTranspose')
  })

  it('adds up several uses of a value once, with one node', () => {
    const b = new GraphBuilder('fan-out')
    b.input('x', 'float32', [2])
    const uses = ['Exp', 'Log', 'Sqrt', 'Neg'].map(op => b.op(op, ['x']))
    const y = b.output(b.op('Sum', uses, {}, { name: 'y' }), 'float32', [2])
    const longer = gradient(b.build(), y, ['x'])
    expect(longer.nodes.filter(node => node.outputs[0] === 'd(x)').map(node => node.inputs.length)).toEqual([
      4,
    ])
  })

  it('goes on through a value that is itself asked for', () => {
    const b = new GraphBuilder('chain')
    b.input('x', 'float32', [2])
    const middle = b.op('Exp', ['x'], {}, { name: 'middle' })
    const y = b.output(b.op('Exp', [middle], {}, { name: 'y' }), 'float32', [2])
    const names = gradient(b.build(), y, ['x', middle]).outputs.map(output => output.name)
    expect(names).toEqual(['y', gradientName('y', 'x'), gradientName('y', 'middle')])
  })

  it('stops where floats end: an index has no gradient', () => {
    const b = new GraphBuilder('index')
    b.input('x', 'float32', [2, 3])
    const index = b.op('ArgMax', ['x'], { axis: 1 })
    const y = b.output(
      b.op('Mul', ['x', b.op('Cast', [index], { to: 1 })], {}, { name: 'y' }),
      'float32',
      [2, 3],
    )
    const ops = gradient(b.build(), y, ['x']).nodes.map(node => node.opType)
    expect(ops.filter(op => op === 'Mul')).toHaveLength(2)
  })

  it('names operator, node and opset where there is no rule', () => {
    const b = new GraphBuilder('odd')
    b.input('x', 'float32', [2])
    b.output(b.op('Det', ['x'], {}, { name: 'odd_one' }), 'float32', [])
    const graph = { ...b.build(), nodes: b.build().nodes.map(node => ({ ...node, opType: 'IsInfish' })) }
    expect(() => gradient(graph, 'odd_one', ['x'])).toThrow(/IsInfish.*odd_one/)
  })

  it.each([
    ['nothing', ['x'], /no value nothing/],
    ['y', ['nothing'], /no value nothing/],
    ['y', ['apart'], /y does not depend on apart/],
    ['y', ['labels'], /labels is int64/],
  ])('refuses the gradient of %s with respect to %s', (of, wrt, message) => {
    const b = new GraphBuilder('three inputs')
    b.input('x', 'float32', [2])
    b.input('apart', 'float32', [2])
    b.input('labels', 'int64', [2])
    b.output(b.op('Exp', ['x'], {}, { name: 'y' }), 'float32', [2])
    expect(() => gradient(b.build(), of, wrt)).toThrow(message)
  })

  it('refuses a value that only an initializer feeds', () => {
    const b = new GraphBuilder('constant')
    b.input('x', 'float32', [2])
    b.initializer('c', float32([2], [1, 2]))
    b.output(b.op('Exp', ['c'], {}, { name: 'y' }), 'float32', [2])
    expect(() => gradient(b.build(), 'y', ['x'])).toThrow(/y does not depend on x/)
  })
})

describe('withCrossEntropy', () => {
  it('refuses logits that are not [n, classes]', () => {
    expect(() => withCrossEntropy(smallNet(), 'images')).toThrow(/logits \[n, classes\]/)
    expect(() => withCrossEntropy(smallNet(), 'none')).toThrow(/no value none/)
  })
})
