// Shapes of operators that sum over axes: reductions, matrix products, einsum.

import type { Dim } from '../graph.ts'
import { mayEqual } from './dim.ts'
import type { NodeTypes, ShapeTable } from './rule.ts'

function reduce(node: NodeTypes) {
  const shape = node.shape(0)
  const keep = node.int('keepdims', 1) === 1
  const axes = node.has(1) ? node.numbers(1) : []
  if (axes === undefined)
    return [keep ? { dtype: node.dtype(0), shape: shape.map((_, i) => node.unknown(i)) } : undefined]
  if (axes.length === 0 && node.int('noop_with_empty_axes', 0) === 1) return [node.type(0)]
  const gone = new Set(axes.map(axis => node.axis(axis, shape.length)))
  const reduced = (i: number) => axes.length === 0 || gone.has(i)
  const out = keep ? shape.map((d, i) => (reduced(i) ? 1 : d)) : shape.filter((_, i) => !reduced(i))
  return [{ dtype: node.dtype(0), shape: out }]
}

function product(node: NodeTypes, a: readonly Dim[], b: readonly Dim[]) {
  // A vector is a matrix of one row (left) or one column (right), which is dropped again.
  const left = a.length === 1 ? [1, ...a] : a
  const right = b.length === 1 ? [...b, 1] : b
  if (left.length < 2 || right.length < 2 || !mayEqual(left.at(-1)!, right.at(-2)!))
    node.fail(`cannot multiply [${a.join(', ')}] with [${b.join(', ')}]`)
  const shape = node.broadcast(left.slice(0, -2), right.slice(0, -2))
  if (a.length > 1) shape.push(left.at(-2)!)
  if (b.length > 1) shape.push(right.at(-1)!)
  return [{ dtype: node.dtype(0), shape }]
}

const matMul = (node: NodeTypes) => product(node, node.shape(0), node.shape(1))

/** `com.microsoft.FusedMatMul`: transBatch moves the first axis behind the other batch axes, trans swaps the last two. */
function fusedMatMul(node: NodeTypes) {
  const operand = (i: number, name: string) => {
    let shape = [...node.shape(i)]
    if (node.int(`transBatch${name}`, 0) === 1) shape = [...shape.slice(1, -1), shape[0]!, ...shape.slice(-1)]
    if (node.int(`trans${name}`, 0) === 1 && shape.length > 1)
      shape = [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!]
    return shape
  }
  return product(node, operand(0, 'A'), operand(1, 'B'))
}

function gemm(node: NodeTypes) {
  const [a0, a1] = node.shapeOfRank(0, 2) as [Dim, Dim]
  const [b0, b1] = node.shapeOfRank(1, 2) as [Dim, Dim]
  const [m, k] = node.int('transA', 0) === 1 ? [a1, a0] : [a0, a1]
  const [l, n] = node.int('transB', 0) === 1 ? [b1, b0] : [b0, b1]
  if (!mayEqual(k, l)) node.fail(`cannot multiply [${m}, ${k}] with [${l}, ${n}]`)
  return [{ dtype: node.dtype(0), shape: [m, n] }]
}

function einsum(node: NodeTypes) {
  const equation = node.string('equation', '').replaceAll(' ', '')
  const [left = '', right] = equation.split('->')
  const sizes = new Map<string, Dim>()
  let batch: readonly Dim[] = []
  const terms = left.split(',')
  if (terms.length !== node.node.inputs.length)
    node.fail(`has ${node.node.inputs.length} inputs for the equation ${equation}`)
  for (const [i, term] of terms.entries()) {
    const shape = node.shape(i)
    const [head = '', tail] = term.split('...')
    const after = tail ?? ''
    const inner = shape.length - head.length - after.length
    if (inner < 0 || (tail === undefined && inner !== 0))
      node.fail(`has an input [${shape.join(', ')}] for the term ${term} of ${equation}`)
    if (tail !== undefined) batch = node.broadcast(batch, shape.slice(head.length, head.length + inner))
    for (const [k, letter] of [...head].entries()) note(letter, shape[k]!)
    for (const [k, letter] of [...after].entries()) note(letter, shape[shape.length - after.length + k]!)
  }
  const shape: Dim[] = []
  const output = right ?? implicitOutput(left)
  const [head = '', tail] = output.split('...')
  for (const letter of head) shape.push(sizeOf(letter))
  if (tail !== undefined) shape.push(...batch, ...[...tail].map(sizeOf))
  return [{ dtype: node.dtype(0), shape }]

  function note(letter: string, size: Dim) {
    const known = sizes.get(letter)
    if (known !== undefined && !mayEqual(known, size) && known !== 1 && size !== 1)
      node.fail(`has axis ${letter} of both ${known} and ${size} elements`)
    if (known === undefined || known === 1 || typeof size === 'number') sizes.set(letter, size)
  }
  function sizeOf(letter: string): Dim {
    return sizes.get(letter) ?? node.fail(`names the unknown axis ${letter} in ${equation}`)
  }
}

/** Without `->` the output has the letters that occur once, in alphabetical order, after the broadcast axes. */
function implicitOutput(left: string): string {
  const letters = [...left.replace(/[.,]/g, '')]
  const once = letters.filter(c => letters.indexOf(c) === letters.lastIndexOf(c)).sort()
  return `${left.includes('...') ? '...' : ''}${once.join('')}`
}

const reductions = 'L1 L2 LogSum LogSumExp Max Mean Min Prod Sum SumSquare'.split(' ')

export const contractShapes: ShapeTable = {
  ...Object.fromEntries(reductions.map(name => [`Reduce${name}`, reduce])),
  Einsum: einsum,
  Gemm: gemm,
  MatMul: matMul,
  'com.microsoft:FusedMatMul': fusedMatMul,
}
