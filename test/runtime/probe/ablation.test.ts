// Batched ablation of a layer's units against the plain way: a network without the unit, run as a whole.

import { describe, expect, it } from 'vitest'
import type { Classifier } from '../../../src/classifier/classifier.ts'
import { createClassifier } from '../../../src/classifier/create.ts'
import { type AblationMode, ablate } from '../../../src/probe/ablation/ablate.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { type FloatTensor, float32 } from '../../../src/tensor/tensor.ts'
import { buildNetwork } from '../../../src/zoo/architectures.ts'

const random = new Random(4)
const images = float32(
  [6, 3, 64, 64],
  Float32Array.from({ length: 6 * 3 * 64 * 64 }, () => random.uniform()),
)

async function untrained(arch: string): Promise<Classifier> {
  const network = buildNetwork(arch, { classes: 16, random: new Random(1) })
  const classes = Array.from({ length: 16 }, (_, i) => `class${i}`)
  return createClassifier({ ...network, name: arch, classes, runtime: nodeRuntime() })
}

/** Scores are compared, not decisions: the "decision" is the raw bits of one logit. */
const firstLogit = (logits: FloatTensor): Int32Array => {
  const [n = 0, classes = 1] = logits.shape
  return new Int32Array(Float32Array.from({ length: n }, (_, i) => logits.data[i * classes]!).buffer)
}
const floats = (decisions: Int32Array) => Array.from(new Float32Array(decisions.slice().buffer))

describe.each([
  ['mini-alex', 'conv2'],
  ['mini-res', 'layer1'],
])('ablation in %s, %s', (arch, fallback) => {
  it('decides as the network without those units', async () => {
    const model = await untrained(arch)
    const layer = model.layers.find(l => l.name === fallback) ?? model.layers[1]!
    const ablations = [[0], [3, 5], Array.from({ length: layer.units }, (_, channel) => channel).slice(2)]
    const result = await ablate(model, images, { layer: layer.name, ablations }, firstLogit)
    expect(floats(result.intact)).toEqual(floats(firstLogit(await model.logits(images))))
    for (const [i, channels] of ablations.entries()) {
      const without = model.without(channels.map(channel => ({ layer: layer.name, channel })))
      const expected = floats(firstLogit(await without.logits(images)))
      const actual = floats(result.ablated[i]!)
      for (const [image, value] of expected.entries()) expect(actual[image]).toBeCloseTo(value, 5)
      expect(actual).not.toEqual(floats(result.intact))
    }
    await model.dispose()
  })

  it('replaces maps by their mean, which changes less than zero does', async () => {
    const model = await untrained(arch)
    const { name: layer } = model.layers[0]!
    const change = async (mode: AblationMode) => {
      const { intact, ablated } = await ablate(
        model,
        images,
        { layer, ablations: [[0, 1, 2, 3]], mode },
        firstLogit,
      )
      const before = floats(intact)
      return floats(ablated[0]!).reduce((sum, value, i) => sum + Math.abs(value - before[i]!), 0)
    }
    const [mean, zero] = [await change('mean'), await change('zero')]
    expect(mean).toBeGreaterThan(0)
    expect(mean).toBeLessThan(zero)
    await model.dispose()
  })

  it('refuses a channel that does not exist', async () => {
    const model = await untrained(arch)
    const { name: layer, units } = model.layers[0]!
    await expect(ablate(model, images, { layer, ablations: [[units]] }, firstLogit)).rejects.toThrow(
      `unit ${layer}:${units} does not exist`,
    )
  })
})
