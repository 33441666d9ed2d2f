import { describe, test } from 'vitest'
import { nodeRuntime } from '../../src/runtime/node.ts'
import { runCase } from '../conformance/case.ts'
import { conformanceCases } from '../conformance/cases.ts'

describe('onnxruntime-node conforms', () => {
  const runtime = nodeRuntime()
  test.each(conformanceCases)('$name', async testCase => {
    await runCase(runtime, testCase)
  })
})
