// The orders in which ONNX Runtime's blocked convolutions want the elements of a filter. It puts them so while it
// loads a graph whose filters are weights; for filters that a graph takes in or computes, nodes do.

import type { GraphBuilder } from '../../onnx/builder.ts'

/** `[out, in, height, width]` */
export type FilterShape = readonly [number, number, number, number]

export interface FilterLayout {
  /** Channels of a block. */
  readonly block: number
  /** Whether the input channels stand in blocks as well, inside which the output channels vary faster. */
  readonly blocksInput: boolean
}

/** Those of AVX-512 and of AVX2. */
export const filterLayouts: readonly FilterLayout[] = [16, 8].flatMap(block => [
  { block, blocksInput: true },
  { block, blocksInput: false },
])

const upTo = (n: number, block: number) => Math.ceil(n / block) * block

/** Numbers of channels with those that fill the last block, which are zero. */
function padded([out, inner]: FilterShape, { block, blocksInput }: FilterLayout): [number, number] {
  return [upTo(out, block), blocksInput ? upTo(inner, block) : inner]
}

/** Whether `found`, of that shape, holds the elements of `filter` in a layout and zeros elsewhere. */
export function isLaidOut(
  found: { readonly shape: readonly number[]; readonly data: ArrayLike<number> },
  filter: ArrayLike<number>,
  shape: FilterShape,
  layout: FilterLayout,
): boolean {
  const [out, inner, height, width] = shape
  const [rows, columns] = padded(shape, layout)
  if (found.shape.join() !== [rows, columns, height, width].join()) return false
  const [outBlock, innerBlock, area] = [layout.block, layout.blocksInput ? layout.block : 1, height * width]
  let place = 0
  for (let o = 0; o < rows; o += outBlock)
    for (let i = 0; i < columns; i += innerBlock)
      for (let k = 0; k < area; k++)
        for (let ii = i; ii < i + innerBlock; ii++)
          for (let oo = o; oo < o + outBlock; oo++) {
            const expected = oo < out && ii < inner ? filter[(oo * inner + ii) * area + k] : 0
            if (found.data[place++] !== expected) return false
          }
  return true
}

/** Appends the nodes that bring a filter into a layout; the result has the shape of the filter with whole blocks. */
export function appendLayout(
  builder: GraphBuilder,
  filter: string,
  shape: FilterShape,
  layout: FilterLayout,
): string {
  const [out, inner, height, width] = shape
  const [rows, columns] = padded(shape, layout)
  const missing = builder.ints([0, 0, 0, 0, rows - out, columns - inner, 0, 0])
  const whole = rows === out && columns === inner ? filter : builder.op('Pad', [filter, missing])
  const blocks = appendBlocks(builder, whole, [rows, columns, height * width], layout)
  return builder.op('Reshape', [blocks, builder.ints([rows, columns, height, width])])
}

/**
 * As {@link appendLayout} of the filter of an input gradient: `filter` of `shape` with its channels swapped and
 * reversed along both spatial axes. Undefined where blocks are not whole or the input channels stand in none.
 */
export function appendFlippedLayout(
  builder: GraphBuilder,
  filter: string,
  shape: FilterShape,
  layout: FilterLayout,
): string | undefined {
  const [out, inner, height, width] = shape
  const { block, blocksInput } = layout
  if (!blocksInput || out % block > 0 || inner % block > 0) return undefined
  const area = height * width
  const planes = builder.op('Reshape', [filter, builder.ints([out / block, block, inner, area])])
  const swapped = builder.op('Transpose', [planes], { perm: [2, 0, 1, 3] })
  const blocks = appendBlocks(builder, swapped, [inner, out, area], layout)
  const reversed = builder.ints(Array.from({ length: area }, (_, k) => area - 1 - k))
  const flipped = area === 1 ? blocks : builder.op('Gather', [blocks, reversed], { axis: 2 })
  return builder.op('Reshape', [flipped, builder.ints([inner, out, height, width])])
}

/**
 * `[rows, columns, area]` as `[rows / block, columns / block, area, block, block]`, or without the blocks of columns.
 * ONNX Runtime is fast at turning matrices and at moving whole runs, so blocks are made in two steps.
 */
function appendBlocks(
  builder: GraphBuilder,
  value: string,
  [rows, columns, area]: readonly [number, number, number],
  { block, blocksInput }: FilterLayout,
): string {
  const matrices = builder.op('Reshape', [value, builder.ints([rows / block, block, columns * area])])
  const turned = builder.op('Transpose', [matrices], { perm: [0, 2, 1] })
  if (!blocksInput) return turned
  const runs = builder.ints([rows / block, columns / block, block, area, block])
  return builder.op('Transpose', [builder.op('Reshape', [turned, runs])], { perm: [0, 1, 3, 2, 4] })
}
