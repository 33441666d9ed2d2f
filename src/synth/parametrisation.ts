// What the optimiser moves: not always the pixels. A parametrisation appends the nodes from its variable to the
// picture.

import type { GraphBuilder } from '../onnx/builder.ts'

/** Height and width. */
export type Size = readonly [number, number]

export interface Parametrisation {
  readonly name: string
  /** Shape of the variable of one picture of this size. */
  shape(size: Size): readonly number[]
  /** Appends the picture `[n, 3, h, w]` in [0, 1] that `variable` `[n, ...shape]` stands for. */
  append(builder: GraphBuilder, variable: string, size: Size): string
  /** Whether the variable holds the picture's own values, which must be kept in [0, 1]. */
  readonly isPicture: boolean
}

/** The pixels themselves. */
export const pixels: Parametrisation = {
  name: 'pixels',
  shape: ([height, width]) => [3, height, width],
  append: (_, variable) => variable,
  isPicture: true,
}

/** Grey pixels `[n, 1, h, w]`: for networks of grey images, which never saw a colour. */
export const greyPixels: Parametrisation = {
  name: 'grey pixels',
  shape: ([height, width]) => [1, height, width],
  append: (builder, variable) => builder.op('Concat', [variable, variable, variable], { axis: 1 }),
  isPicture: true,
}
