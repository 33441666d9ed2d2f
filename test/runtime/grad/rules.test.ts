// Every gradient rule against central differences of what ORT computes forward.

import { describe, expect, it } from 'vitest'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { cases } from './cases.ts'
import { elementwiseCases } from './elementwise-cases.ts'
import { finiteDifferenceError } from './finite-difference.ts'
import { layoutCases } from './layout-cases.ts'

const runtime = nodeRuntime({ threads: 1 })

describe('gradient rules agree with finite differences', () => {
  it.each([...cases, ...elementwiseCases, ...layoutCases].map(c => [c.name, c] as const))(
    '%s',
    async (_, ruleCase) => {
      expect(await finiteDifferenceError(runtime, ruleCase)).toBeLessThan(1e-3)
    },
  )
})
