// The masking check: nothing to say of a plain network, everything to say of those that hide their gradient.

import { afterAll, describe, expect, it } from 'vitest'
import { type MaskingCheckName, maskingCheck } from '../../../src/attack/masking.ts'
import type { Classifier } from '../../../src/classifier/classifier.ts'
import type { Graph } from '../../../src/onnx/graph.ts'
import { Random } from '../../../src/tensor/random.ts'
import { attackModel, decidedImages } from '../../support/attack-model.ts'
import { noisyNet, quantisedNet, scaledNet } from '../../support/defences.ts'

const models: Classifier[] = []
const made = async (graph?: Graph) => {
  const model = await attackModel(graph)
  models.push(model)
  return model
}
afterAll(() => Promise.all(models.map(model => model.dispose())))
const plain = made()

async function check(graph?: Graph, surrogate?: Classifier) {
  const model = graph === undefined ? await plain : await made(graph)
  const options = { norm: 'Linf', epsilon: 16 / 255, random: new Random(0), steps: 20, queries: 200 } as const
  const batch = await decidedImages(await plain, 40)
  const result = await maskingCheck(model, batch, { ...options, ...(surrogate && { surrogate }) })
  const failed = result.checks.filter(({ passed }) => !passed).map(({ name }) => name)
  return { ...result, failed }
}

describe('the masking check', () => {
  it('finds nothing wrong with a plain network, with another one to compare or without', async () => {
    const result = await check(undefined, await plain)
    expect(result).toMatchObject({ images: 40, masked: false, failed: [] })
    expect(result.checks.map(({ name }) => name)).toContain('own-gradient-wins')
    expect(result.curve.at(-1)?.fallen).toBe(1)
    expect((await check()).checks.map(({ name }) => name)).not.toContain('own-gradient-wins')
  })

  it('asks for the direction of the margin: of a sure network cross-entropy has none left that is right', async () => {
    const { failed } = await check(scaledNet(40))
    expect(failed).toContain('gradient-there')
    expect(failed).not.toContain('gradient-direction')
    expect((await check(scaledNet(25))).failed).toEqual([])
  })

  it.each<[string, Graph, MaskingCheckName[]]>([
    ['rounding of the input', quantisedNet(), ['gradient-there', 'white-box-wins', 'everything-falls']],
    ['a huge scale of the logits', scaledNet(), ['gradient-there', 'white-box-wins', 'everything-falls']],
    ['noise', noisyNet(0.1), ['same-answer']],
  ])('calls out %s', async (_, graph, reasons) => {
    const result = await check(graph)
    expect(result.masked).toBe(true)
    expect(result.failed).toEqual(expect.arrayContaining(reasons))
  })

  it('notices that images made for the network behind a mask fool it', async () => {
    expect((await check(quantisedNet(), await plain)).failed).toContain('own-gradient-wins')
  })
})
