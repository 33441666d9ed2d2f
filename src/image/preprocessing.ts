// The preprocessing manifest: everything between a file and the numbers a network sees. It travels with the
// model, is checked against the data and stands in every report.

import { z } from 'zod'

/** How an image file becomes an input of the network. */
export const Preprocessing = z.strictObject({
  /** Height and width of the input in pixels. */
  size: z.tuple([z.int().positive(), z.int().positive()]),
  /** `short-side` scales the shorter side to `resizeTo`, `exact` both sides, `none` leaves the image alone. */
  resize: z.enum(['none', 'short-side', 'exact']),
  resizeTo: z.int().positive().optional(),
  filter: z.enum(['bilinear', 'bicubic', 'lanczos', 'nearest']),
  /** Centre crop to `size` after resizing. */
  crop: z.enum(['none', 'center']),
  channels: z.enum(['rgb', 'bgr']),
  /** The network wants values in [0, range]. */
  range: z.union([z.literal(1), z.literal(255)]),
  /** Applied by silhouette before the network, in units of `range`; all zeros and ones when it normalises inside. */
  mean: z.tuple([z.number(), z.number(), z.number()]),
  std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]),
  output: z.enum(['logits', 'probabilities']),
})

export type Preprocessing = z.infer<typeof Preprocessing>
