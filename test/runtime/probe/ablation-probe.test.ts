// What each unit is for, in a network where the answer is known.

import { expect, it } from 'vitest'
import { createClassifier } from '../../../src/classifier/create.ts'
import type { CueConflictDataset } from '../../../src/data/dataset.ts'
import { ablation } from '../../../src/probe/ablation/ablation.ts'
import { silent } from '../../../src/progress/progress.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { colourNet } from '../../support/colour-net.ts'

/** Plain images of the given colours; the first cue is their label, the second their texture. */
function flat(
  colours: readonly (readonly [number, number, number])[],
  labels: number[],
  textures: number[],
): CueConflictDataset {
  const pixels = colours.flatMap(colour => colour.flatMap(level => [level, level, level, level]))
  return {
    name: 'flat',
    classes: ['red', 'green', 'blue'],
    size: colours.length,
    fingerprint: 'x',
    textures: Int32Array.from(textures),
    async *batches() {
      yield {
        images: float32([colours.length, 3, 2, 2], pixels),
        labels: Int32Array.from(labels),
        names: labels.map(String),
      }
    },
  }
}

it('counts the decisions that break without each unit', async () => {
  const model = await createClassifier(colourNet(2))
  // Decided red (shape), blue (texture), red (shape), green (neither).
  const cueConflict = flat(
    [
      [0.9, 0.1, 0.5],
      [0.4, 0.1, 0.8],
      [0.7, 0.6, 0.1],
      [0.1, 0.9, 0.2],
    ],
    [0, 0, 0, 0],
    [2, 2, 2, 2],
  )
  const images = flat(
    [
      [0.9, 0.1, 0.2],
      [0.1, 0.9, 0.2],
      [0.9, 0.1, 0.2],
    ],
    [0, 1, 2],
    [0, 0, 0],
  )
  const probe = ablation({ cueConflict, images, layers: ['colour'] })
  const result = probe.schema.parse(await probe.run({ model, random: new Random(1), progress: silent }))
  expect(result.intact).toEqual({ images: 4, shape: 2, texture: 1, shapeBias: 2 / 3 })
  expect(result.conditions).toEqual([{ name: 'clean', images: 3, right: 2 }])
  const [{ units, forShape, forTexture, forBoth } = expect.fail()] = result.layers
  expect(units.map(({ channel, shape, texture, lost }) => [channel, shape, texture, lost])).toEqual([
    [0, 2, 0, [1]],
    [1, 0, 0, [1]],
    [2, 0, 1, [0]],
  ])
  // Without red: blue (texture), blue (texture), green, green.
  expect(units[0]!.shapeBias).toBe(0)
  // Without blue: red, red, red, green.
  expect(units[2]!.shapeBias).toBe(1)
  expect([forShape.value, forTexture.value, forBoth.value]).toEqual([1 / 3, 1 / 3, 0])
  await model.dispose()
})
