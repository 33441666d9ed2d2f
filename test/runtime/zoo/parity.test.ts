// The zoo against torchvision: same weights (a formula on both sides), same images, same numbers. The images are
// ones at which PyTorch agrees with itself (see torchvision_parity.py).

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { withCrossEntropy } from '../../../src/grad/loss.ts'
import { gradient, gradientName } from '../../../src/grad/reverse.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { asFloat32, int64 } from '../../../src/tensor/tensor.ts'
import { buildNetwork, IMAGES, LOGITS } from '../../../src/zoo/index.ts'
import { expectClose } from '../../support/allclose.ts'
import { formulaImages, withFormulaWeights } from '../../support/formula-weights.ts'

const cases = z
  .array(
    z.object({
      arch: z.string(),
      size: z.number(),
      options: z.record(z.string(), z.union([z.boolean(), z.number()])),
      seeds: z.array(z.number()),
      labels: z.array(z.number()),
      outputs: z.record(z.string(), z.array(z.number())),
      loss: z.array(z.number()),
      gradient: z
        .object({ step: z.number(), samples: z.array(z.number()), norm: z.number(), largest: z.number() })
        .optional(),
    }),
  )
  .parse(JSON.parse(readFileSync('test/fixtures/zoo/parity.json', 'utf8')))

const runtime = nodeRuntime()

it.each(cases)('$arch at $size with $options equals torchvision', async golden => {
  const { arch, size, options, seeds, labels } = golden
  const network = buildNetwork(arch, { classes: 20, size, ...options })
  const graph = withCrossEntropy(withFormulaWeights(network), LOGITS)
  const session = await runtime.load(golden.gradient ? gradient(graph, 'loss', [IMAGES]) : graph)
  const results = await session.run({
    [IMAGES]: formulaImages(seeds, size),
    labels: int64([labels.length], labels),
  })
  await session.dispose()
  const value = (name: string) => asFloat32(results[name]!, name).data
  for (const [name, expected] of Object.entries(golden.outputs))
    expectClose(value(name), expected, { relative: 1e-4 }, name)
  expectClose(value('loss'), golden.loss, { relative: 1e-4 }, 'loss')
  if (!golden.gradient) return

  const { step, samples, norm, largest } = golden.gradient
  const ours = value(gradientName('loss', IMAGES))
  const sampled = samples.map((_, i) => ours[i * step]!)
  // Relative to the largest element of the whole gradient, which the samples may not hold.
  expectClose(sampled, samples, { absolute: 1e-4 * largest }, 'input gradient')
  const squares = ours.reduce((sum, g) => sum + g * g, 0)
  expect(Math.abs(Math.sqrt(squares) / norm - 1)).toBeLessThan(1e-4)
})
