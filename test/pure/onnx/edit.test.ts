// Edits, the checker and the printed form, on one small graph.

import { describe, expect, test } from 'vitest'
import { GraphBuilder } from '../../../src/onnx/builder.ts'
import { checkGraph } from '../../../src/onnx/check.ts'
import {
  foldConstants,
  prune,
  renameValues,
  replaceOutputs,
  weightsAsInputs,
} from '../../../src/onnx/edit.ts'
import type { Graph, Node } from '../../../src/onnx/graph.ts'
import { printGraph } from '../../../src/onnx/print.ts'
import { float32 } from '../../../src/tensor/tensor.ts'

/** `x.view(x.size(0), -1) @ w`, and a side branch. */
function net(): Graph {
  const b = new GraphBuilder('net')
  b.input('images', 'float32', ['n', 3, 8, 8])
  b.initializer('conv.weight', float32([4, 3, 3, 3], new Float32Array(108).fill(0.1)))
  b.initializer('fc.weight', float32([36, 2], new Float32Array(72).fill(0.2)))
  b.initializer('unused', float32([1], [0]))
  const features = b.op('Relu', [
    b.op('Conv', ['images', 'conv.weight'], { strides: [2, 2] }, { name: 'conv' }),
  ])
  const size = b.op('Gather', [b.op('Shape', [features]), b.scalar(0, 'int64')], { axis: 0 })
  const rows = b.op('Unsqueeze', [size, b.ints([0])])
  const shape = b.op('Concat', [rows, b.ints([-1])], { axis: 0 })
  const logits = b.op('MatMul', [b.op('Reshape', [features, shape]), 'fc.weight'], {}, { name: 'logits' })
  const area = b.op('ReduceProd', [b.op('Shape', [features], { start: 2 }), b.ints([0])], { keepdims: 0 })
  const mean = b.op(
    'Div',
    [b.op('ReduceSum', [features]), b.op('Cast', [area], { to: 1 })],
    {},
    { name: 'mean' },
  )
  b.output(logits, 'float32', ['n', 2])
  b.output(mean, 'float32', [1, 1, 1, 1])
  b.note('silhouette.recipe', '{}')
  return b.build()
}

test('a graph prints as text with inferred shapes', () => {
  expect(printGraph(net())).toMatchInlineSnapshot(`
    "graph net (onnx 20)
      input images: float32[n, 3, 8, 8]
      weight conv.weight: float32[4, 3, 3, 3]
      weight fc.weight: float32[36, 2]
      weight unused: float32[1] = [0]
      weight scalar: int64[] = 0
      weight ints: int64[1] = [0]
      weight ints_1: int64[1] = [-1]
      conv: float32[n, 4, 3, 3] = Conv(images, conv.weight) {strides=[2, 2]}
      relu: float32[n, 4, 3, 3] = Relu(conv)
      shape: int64[4] = Shape(relu)
      gather: int64[] = Gather(shape, scalar) {axis=0}
      unsqueeze: int64[1] = Unsqueeze(gather, ints)
      concat: int64[2] = Concat(unsqueeze, ints_1) {axis=0}
      reshape: float32[n, 36] = Reshape(relu, concat)
      logits: float32[n, 2] = MatMul(reshape, fc.weight)
      shape_1: int64[2] = Shape(relu) {start=2}
      reduceprod: int64[] = ReduceProd(shape_1, ints) {keepdims=0}
      reducesum: float32[1, 1, 1, 1] = ReduceSum(relu)
      cast: float32[] = Cast(reduceprod) {to=1}
      mean: float32[1, 1, 1, 1] = Div(reducesum, cast)
      output logits: float32[n, 2]
      output mean: float32[1, 1, 1, 1]
      note silhouette.recipe: {}
    "
  `)
})

test('prune drops what no kept output needs, and keeps the inputs', () => {
  const pruned = prune(net(), ['logits'])
  checkGraph(pruned)
  expect(pruned.nodes.map(node => node.opType)).not.toContain('Div')
  expect([...pruned.initializers.keys()]).not.toContain('unused')
  expect(pruned.outputs.map(output => output.name)).toEqual(['logits'])
  expect(prune(net()).nodes).toEqual(net().nodes)
  expect(() => prune(net(), ['conv'])).toThrow('graph net has no output conv (its outputs: logits, mean)')
})

test('replaceOutputs returns any values, typed by inference', () => {
  const cut = replaceOutputs(net(), ['relu', 'conv'])
  checkGraph(cut)
  expect(cut.outputs).toEqual([
    { name: 'relu', dtype: 'float32', shape: ['n', 4, 3, 3] },
    { name: 'conv', dtype: 'float32', shape: ['n', 4, 3, 3] },
  ])
  expect(cut.nodes.map(node => node.opType)).toEqual(['Conv', 'Relu'])
  expect(() => replaceOutputs(net(), ['nowhere'])).toThrow('has no value nowhere')
})

test('weights become inputs of their shape, in the order asked for', () => {
  const open = weightsAsInputs(net(), ['fc.weight', 'conv.weight'])
  checkGraph(open)
  expect(open.inputs.map(input => input.name)).toEqual(['images', 'fc.weight', 'conv.weight'])
  expect(open.inputs[1]!.shape).toEqual([36, 2])
  expect(() => weightsAsInputs(net(), ['bias'])).toThrow('graph net has no initializer bias')
})

test('values are renamed wherever they stand', () => {
  const names = new Map([
    ['images', 'x'],
    ['logits', 'y'],
    ['conv.weight', 'w'],
  ])
  const renamed = renameValues(net(), names)
  checkGraph(renamed)
  const text = printGraph(renamed)
  expect(text).not.toMatch(/images|logits|conv\.weight/)
  expect(renameValues(renamed, new Map([...names].map(([a, b]) => [b, a])))).toEqual(net())
})

test('folding leaves only the shape arithmetic that depends on the batch', () => {
  const folded = foldConstants(net())
  checkGraph(folded)
  expect(folded.nodes.map(node => node.opType)).not.toContain('ReduceProd')
  expect(folded.nodes.map(node => node.opType)).toContain('Gather')
  const fixed = net()
  const images = { ...fixed.inputs[0]!, shape: [5, 3, 8, 8] }
  const all = foldConstants({ ...fixed, inputs: [images] })
  expect(all.nodes.map(node => node.opType)).toEqual([
    'Conv',
    'Relu',
    'Reshape',
    'MatMul',
    'ReduceSum',
    'Div',
  ])
})

describe('the checker refuses', () => {
  const graph = net()
  const changed = (opType: string, change: Partial<Node>): Graph => ({
    ...graph,
    nodes: graph.nodes.map(node => (node.opType === opType ? { ...node, ...change } : node)),
  })
  const cases: readonly [string, Graph, string][] = [
    [
      'an unknown operator',
      changed('Relu', { opType: 'Rleu' }),
      'node relu (Rleu): operator Rleu is not supported',
    ],
    [
      'an unknown attribute',
      changed('Conv', { attributes: { stride: { kind: 'ints', value: [2] } } }),
      'node conv (Conv) has the unknown attribute stride',
    ],
    [
      'an attribute every object has',
      changed('Conv', { attributes: Object.fromEntries([['constructor', { kind: 'int', value: 2 }]]) }),
      'node conv (Conv) has the unknown attribute constructor',
    ],
    [
      'an attribute of the wrong kind',
      changed('Conv', { attributes: { strides: { kind: 'int', value: 2 } } }),
      'attribute strides of node conv (Conv) is of kind int, expected ints',
    ],
    [
      'too few inputs',
      changed('MatMul', { inputs: ['fc.weight'] }),
      'node logits (MatMul) has 1 inputs, expected 2',
    ],
    [
      'shapes that do not fit',
      changed('MatMul', { inputs: ['fc.weight', 'fc.weight'] }),
      'node logits (MatMul) cannot multiply [36, 2] with [36, 2]',
    ],
    [
      'a domain that is not imported',
      changed('Relu', { domain: 'com.microsoft', opType: 'Gelu' }),
      'node relu (Gelu) is of domain com.microsoft, which the graph does not import',
    ],
    ['another opset', { ...graph, opsets: new Map([['', 13]]) }, 'graph net is of opset 13, expected 20'],
    [
      'NaN weights',
      { ...graph, initializers: new Map([...graph.initializers, ['unused', float32([2], [1, Number.NaN])]]) },
      'initializer unused holds NaN at element 1: the weights are damaged',
    ],
    [
      'an output of another type',
      { ...graph, outputs: [{ name: 'logits', dtype: 'float64', shape: ['n', 2] }] },
      'graph output logits is declared as float64 but is float32',
    ],
  ]
  test.each(cases)('%s', (_, bad, message) => {
    expect(() => checkGraph(bad)).toThrow(
      expect.objectContaining({ name: 'InputError', message: expect.stringContaining(message) }),
    )
  })
})
