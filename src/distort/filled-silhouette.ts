// Silhouettes that wear a texture: the simplest conflict of cues (the filled silhouettes of Geirhos et al. 2019).

import { requireInput } from '../errors/input-error.ts'
import { formatShape } from '../tensor/shape.ts'
import { type FloatTensor, float32 } from '../tensor/tensor.ts'

/**
 * The texture where the silhouette is white, `ground` elsewhere.
 * @param silhouettes `[n, 3, h, w]`, 1 on the object and 0 elsewhere
 * @param textures `[n, 3, h, w]` in [0, 1]
 * @param ground grey level around the object, default 1 (white)
 * @throws InputError when there is not one texture of the same size for each silhouette
 */
export function filledSilhouettes(silhouettes: FloatTensor, textures: FloatTensor, ground = 1): FloatTensor {
  requireInput(
    silhouettes.shape.join() === textures.shape.join(),
    () =>
      `each silhouette needs a texture of its size, found ${formatShape(silhouettes.shape)} and ${formatShape(textures.shape)}`,
  )
  const data = silhouettes.data.map((inside, i) => (inside > 0.5 ? textures.data[i]! : ground))
  return float32(silhouettes.shape, data)
}
