// Total variation of activation maps against a direct computation, and the pass-noise criterion.

import { describe, expect, it } from 'vitest'
import { createClassifier } from '../../../src/classifier/create.ts'
import type { Dataset } from '../../../src/data/dataset.ts'
import { activationSmoothness, passesNoise } from '../../../src/probe/activation-smoothness.ts'
import { wilson } from '../../../src/probe/statistics.ts'
import { silent } from '../../../src/progress/progress.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { buildNetwork } from '../../../src/zoo/architectures.ts'

describe('activation smoothness', () => {
  it('is the mean total variation per channel, clean and noisy', async () => {
    const random = new Random(2)
    // Smooth images: noise must make their maps rougher.
    const images = float32(
      [5, 3, 64, 64],
      Float32Array.from({ length: 5 * 3 * 64 * 64 }, (_, i) => 0.5 + 0.3 * Math.sin((i % 64) / 9 + i / 4096)),
    )
    const data: Dataset = {
      name: 'smooth',
      classes: ['a', 'b'],
      size: 5,
      fingerprint: 'x',
      async *batches() {
        yield { images, labels: new Int32Array(5), names: ['0', '1', '2', '3', '4'] }
      },
    }
    const network = buildNetwork('mini-alex', { classes: 2, random })
    const model = await createClassifier({
      ...network,
      name: 'm',
      classes: ['a', 'b'],
      runtime: nodeRuntime(),
    })
    const probe = activationSmoothness({ data, layers: ['conv1'], resamples: 50 })
    const { layers } = probe.schema.parse(await probe.run({ model, random: new Random(1), progress: silent }))
    const layer = layers[0]!

    const { conv1 } = await model.activations(images, ['conv1'])
    const [n = 0, channels = 0, h = 0, w = 0] = conv1!.shape
    const at = (image: number, c: number, y: number, x: number) =>
      conv1!.data[((image * channels + c) * h + y) * w + x]!
    for (let c = 0; c < channels; c++) {
      let sum = 0
      for (let image = 0; image < n; image++) {
        for (let y = 0; y < h; y++)
          for (let x = 1; x < w; x++) sum += Math.abs(at(image, c, y, x) - at(image, c, y, x - 1))
        for (let y = 1; y < h; y++)
          for (let x = 0; x < w; x++) sum += Math.abs(at(image, c, y, x) - at(image, c, y - 1, x))
      }
      expect(layer.channels.clean[c]).toBeCloseTo(sum / n, 4)
    }
    expect(layer.noisy.value).toBeGreaterThan(1.5 * layer.clean.value)
    await model.dispose()
  })

  it('counts the channels that pass noise on', () => {
    const estimate = { value: 0, low: 0, high: 0 }
    const channels = { clean: [10, 10, 10, 10], noisy: [10, 11.9, 12.1, 7] }
    const found = passesNoise({ layer: 'x', clean: estimate, noisy: estimate, channels }, 10)
    expect(found.channels).toEqual([false, false, true, true])
    expect(found.share).toEqual(wilson(2, 4))
  })
})
