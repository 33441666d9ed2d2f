import { expect, it } from 'vitest'
import { createClassifier } from '../../../src/classifier/create.ts'
import { autoAttackAccuracy } from '../../../src/probe/auto-attack-accuracy.ts'
import { silent } from '../../../src/progress/progress.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { colourNet } from '../../support/colour-net.ts'
import { memoryDataset } from '../../support/memory-dataset.ts'

it('counts as right what no attack can reach, and nothing that one can', async () => {
  // Flat pictures whose first channel leads by 0.5 or by 0.05; the network answers with the largest channel mean.
  const leads = [0.5, 0.5, 0.5, 0.05]
  const data = new Float32Array(leads.length * 3 * 64)
  for (const [i, lead] of leads.entries()) {
    data.fill(0.4 + lead, 192 * i, 192 * i + 64)
    data.fill(0.4, 192 * i + 64, 192 * (i + 1))
  }
  const images = memoryDataset('flat', float32([leads.length, 3, 8, 8], data), new Int32Array(4), 3)
  const model = await createClassifier({ ...colourNet(8), classes: images.classes })
  // Linf 0.1 closes a gap of 0.2 at most.
  const probe = autoAttackAccuracy({ data: images, norm: 'Linf', epsilon: 0.1 })
  const { accuracy, stages } = await probe.run({ model, random: new Random(0), progress: silent })
  expect(accuracy.value).toBe(0.75)
  expect(stages[0]).toMatchObject({ attack: 'apgd-ce', attempted: 4, broken: 1 })

  const part = autoAttackAccuracy({
    data: images,
    norm: 'Linf',
    epsilon: 0.1,
    members: ['apgd-ce', 'apgd-dlr'],
  })
  const alone = await part.run({ model, random: new Random(0), progress: silent })
  expect(alone.stages.map(({ attack }) => attack)).toEqual(['apgd-ce', 'apgd-dlr'])
  // Decisions are those about the attacked images.
  expect(alone.perImage.decisions.slice(0, 3)).toEqual([0, 0, 0])
  expect(alone.perImage.decisions[3]).not.toBe(0)
  expect(alone.accuracy).toEqual(accuracy)
  await model.dispose()
})
