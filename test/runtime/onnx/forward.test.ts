// What ONNX Runtime computes of graphs that were read, brought to the current opset and written again: PyTorch's
// outputs for its exports, the reference outputs for the ONNX backend cases.

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readNpy } from '../../../src/data/npy.ts'
import { foldConstants } from '../../../src/onnx/edit.ts'
import { readOnnxFile } from '../../../src/onnx/file.node.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import type { Tensor } from '../../../src/tensor/tensor.ts'
import { expectTensorsClose } from '../../support/allclose.ts'
import { nodeCasesMissing, supportedCases } from '../../support/node-cases.ts'

const runtime = nodeRuntime()
const folder = 'test/fixtures/onnx'
const array = (name: string) => readNpy(readFileSync(`${folder}/${name}.npy`))

test.each(readdirSync(folder).filter(file => file.endsWith('.onnx')))(
  "%s gives PyTorch's output",
  async file => {
    const [net] = file.split('-')
    const read = readOnnxFile(`${folder}/${file}`)
    for (const graph of [read, foldConstants(read)]) {
      const session = await runtime.load(graph)
      const result = await session.run({ [session.inputs[0]!]: array(`${net}-input`) })
      expectTensorsClose(result[session.outputs[0]!]!, array(`${net}-output`), { relative: 1e-5 })
      await session.dispose()
    }
  },
)

/** Cases whose expected outputs ONNX Runtime does not give, and why. */
const excused: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/bfloat16/i, 'bfloat16 cannot be handed over in JavaScript'],
  [/^test_(max|min)_u?int16$/, 'ONNX Runtime has no such kernel'],
  [/^test_pow_types_float32_uint/, 'ONNX Runtime has no such kernel'],
  [/^test_(training_dropout(?!_zero)|bernoulli)/, 'expects the random numbers of another generator'],
  [
    /^test_resize_downsample_scales_(cubic|linear)_align_corners$/,
    'expected output of a fault that ONNX has mended since: it aligned to the unrounded size',
  ],
]

describe.skipIf(nodeCasesMissing)(
  `ONNX backend cases${nodeCasesMissing ? ` (${nodeCasesMissing})` : ''}`,
  () => {
    test('give the expected outputs', async () => {
      let count = 0
      for (const { name, graph, data } of supportedCases()) {
        const known = data()
        if (known === undefined || excused.some(([pattern]) => pattern.test(name))) continue
        const session = await runtime.load(graph())
        const found = await session.run(known.inputs)
        await session.dispose()
        for (const [output, expected] of Object.entries(known.outputs)) {
          expect(found[output]!.dtype, name).toBe(expected.dtype)
          const [a, b] = finite(found[output]!, expected)
          expectTensorsClose(a, b, { relative: 1e-3, absolute: 1e-7 }, `${name} ${output}`)
        }
        count++
      }
      expect(count).toBeGreaterThan(780)
    })
  },
)

/** NaN against NaN and equal infinities count as equal; float16 is compared by value. */
function finite(found: Tensor, expected: Tensor): [Tensor, Tensor] {
  const numbers = ({ dtype, data }: Tensor) =>
    Array.from(data as ArrayLike<number | bigint>, v =>
      dtype === 'float16' ? halfValue(Number(v)) : Number(v),
    )
  const [a, b] = [numbers(found), numbers(expected)]
  const same = a.map((v, i) => Object.is(v, b[i]) || v === b[i])
  const kept = (values: number[]) => Float64Array.from(values, (v, i) => (same[i] ? 0 : v))
  return [
    { dtype: 'float64', shape: found.shape, data: kept(a) },
    { dtype: 'float64', shape: expected.shape, data: kept(b) },
  ]
}

function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
