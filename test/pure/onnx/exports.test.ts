// Models as PyTorch's two exporters write them, opsets 7 to 23 (scripts/fixtures/onnx_exports.py).

import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { checkGraph } from '../../../src/onnx/check.ts'
import { foldConstants } from '../../../src/onnx/edit.ts'
import { readOnnxFile } from '../../../src/onnx/file.node.ts'
import { inferShapes } from '../../../src/onnx/infer.ts'
import { readOnnx } from '../../../src/onnx/read.ts'
import { CURRENT_OPSET } from '../../../src/onnx/schema.ts'
import { writeOnnx } from '../../../src/onnx/write.ts'

const folder = 'test/fixtures/onnx'
const files = readdirSync(folder).filter(file => file.endsWith('.onnx'))

test('the fixtures span opsets 7 to 23 and both exporters', () => {
  for (const file of ['classic-torchscript-7', 'cnn-torchscript-9', 'cnn-dynamo-23'])
    expect(files).toContain(`${file}.onnx`)
})

describe.each(files)('%s', file => {
  const graph = readOnnxFile(`${folder}/${file}`)

  test('is read at the current opset, sound, and the same after writing', () => {
    expect(graph.opsets).toEqual(new Map([['', CURRENT_OPSET]]))
    checkGraph(graph)
    expect(readOnnx(writeOnnx(graph))).toEqual(graph)
  })

  test('has every shape inferred, symbolic in nothing but the batch', () => {
    const types = inferShapes(graph)
    const batch = graph.inputs[0]!.shape![0] as string
    for (const node of graph.nodes) {
      for (const output of node.outputs) {
        const symbols = types.get(output)!.shape.filter(d => typeof d === 'string')
        for (const symbol of symbols) expect(symbol.replace(/^\d+\*/, ''), output).toBe(batch)
      }
    }
    expect(types.get(graph.outputs[0]!.name)!.shape).toEqual([batch, 5])
  })

  test('needs no operator for fixed shapes after folding', () => {
    const folded = foldConstants(graph)
    checkGraph(folded)
    const types = inferShapes(folded)
    // What shape arithmetic is left depends on the batch.
    for (const node of folded.nodes)
      if (node.opType === 'Shape') {
        expect(types.get(node.inputs[0]!)!.shape.some(d => typeof d === 'string')).toBe(true)
      }
    expect(folded.nodes.length).toBeLessThanOrEqual(graph.nodes.length)
    expect(inferShapes(folded).get(folded.outputs[0]!.name)).toEqual(
      inferShapes(graph).get(graph.outputs[0]!.name),
    )
  })
})
