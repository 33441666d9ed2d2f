// Reading, writing and shape inference over the ONNX backend test cases.

import { describe, expect, test } from 'vitest'
import { InputError } from '../../../src/errors/input-error.ts'
import { inferShapes } from '../../../src/onnx/infer.ts'
import { readOnnx } from '../../../src/onnx/read.ts'
import { writeOnnx } from '../../../src/onnx/write.ts'
import { byteSize } from '../../../src/tensor/dtype.ts'
import { nodeCases, nodeCasesMissing, supportedCases } from '../../support/node-cases.ts'

describe.skipIf(nodeCasesMissing)(
  `ONNX backend cases${nodeCasesMissing ? ` (${nodeCasesMissing})` : ''}`,
  () => {
    test('reading what was written gives the same graph; what cannot be read is refused by name', () => {
      let read = 0
      for (const { name, bytes } of nodeCases()) {
        try {
          const graph = readOnnx(bytes)
          expect(readOnnx(writeOnnx(graph)), name).toEqual(graph)
          read++
        } catch (error) {
          if (!(error instanceof InputError)) throw error
          // Opsets below 7, strings, sequences, training operators.
          expect(error.message, name).toMatch(/opset [1-6],|element type 8|not a tensor|training/)
        }
      }
      expect(read).toBeGreaterThan(850)
    })

    test('inferred shapes and types are those of the expected outputs', () => {
      let checked = 0
      for (const { name, graph: load, data } of supportedCases()) {
        const graph = load()
        const known = data()
        // How many elements are not zero, only the data tell.
        if (known === undefined || name.startsWith('test_nonzero')) continue
        // Shapes, axes and sizes that are fed as data become constants: else there is nothing to infer from.
        const constants = Object.entries(known.inputs).filter(
          ([, { dtype, data }]) => byteSize(dtype) === 8 || dtype === 'int32' || data.length <= 8,
        )
        const fixed = {
          ...graph,
          inputs: graph.inputs.filter(input => !constants.some(([key]) => key === input.name)),
          initializers: new Map([...graph.initializers, ...constants]),
        }
        const types = inferShapes(fixed)
        for (const [output, { dtype, shape }] of Object.entries(known.outputs)) {
          const found = types.get(output)
          expect(found?.shape, `${name} ${output}`).toEqual(shape)
          // The cases keep bfloat16 results as uint16.
          if (found?.dtype !== 'bfloat16') expect(found?.dtype, `${name} ${output}`).toBe(dtype)
          checked++
        }
      }
      expect(checked).toBeGreaterThan(850)
    })
  },
)
