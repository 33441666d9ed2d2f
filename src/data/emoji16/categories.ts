// The sixteen categories of Geirhos et al. (2019), which emoji16 shares with the cue-conflict stimuli.

/** In byte order; a category's place here is its class index. */
export const categories = [
  'airplane',
  'bear',
  'bicycle',
  'bird',
  'boat',
  'bottle',
  'car',
  'cat',
  'chair',
  'clock',
  'dog',
  'elephant',
  'keyboard',
  'knife',
  'oven',
  'truck',
] as const

export type Category = (typeof categories)[number]
