// Outputs and gradients of single operators against PyTorch's (scripts/fixtures/grad.py), ties included.

import { readFileSync } from 'node:fs'
import { describe, it } from 'vitest'
import { z } from 'zod'
import { gradient, gradientName } from '../../../src/grad/reverse.ts'
import { GraphBuilder } from '../../../src/onnx/builder.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { expectTensorsClose } from '../../support/allclose.ts'

const Packed = z
  .object({ shape: z.array(z.number()), data: z.base64() })
  .transform(({ shape, data }) =>
    float32(shape, new Float32Array(Uint8Array.from(Buffer.from(data, 'base64')).buffer)),
  )
const Fixtures = z.object({
  cases: z.array(
    z.object({
      op: z.string(),
      attributes: z.record(z.string(), z.union([z.number(), z.array(z.number())])),
      inputs: z.record(z.string(), Packed),
      output: Packed,
      cotangent: Packed,
      gradients: z.record(z.string(), Packed),
    }),
  ),
})

const path = new URL('../../fixtures/grad/operators.json', import.meta.url)
const { cases } = Fixtures.parse(JSON.parse(readFileSync(path, 'utf8')))
const runtime = nodeRuntime({ threads: 1 })

describe('gradients equal those of PyTorch', () => {
  it.each(cases.map(c => [`${c.op} ${JSON.stringify(c.attributes)}`, c] as const))('%s', async (_, c) => {
    const builder = new GraphBuilder(c.op)
    for (const [name, { shape }] of Object.entries(c.inputs)) builder.input(name, 'float32', shape)
    const count = c.attributes.training_mode === 1 ? 3 : 1
    const [y = ''] = builder.ops(c.op, Object.keys(c.inputs), c.attributes, count, { name: 'y' })
    builder.output(y, 'float32', c.output.shape)
    const weights = builder.input('cotangent', 'float32', c.cotangent.shape)
    const weighted = builder.op('Mul', [y, weights], {}, { name: 'weighted' })
    const wrt = Object.keys(c.gradients)
    const session = await runtime.load(gradient(builder.build(), weighted, wrt))
    const results = await session.run({ ...c.inputs, cotangent: c.cotangent })
    await session.dispose()
    expectTensorsClose(results.y!, c.output, { relative: 1e-4, absolute: 2e-5 })
    for (const name of wrt) {
      const found = results[gradientName('weighted', name)]!
      expectTensorsClose(found, c.gradients[name]!, { relative: 1e-4, absolute: 1e-4 })
    }
  })
})
