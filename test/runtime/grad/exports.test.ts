// Input gradients of whole networks as PyTorch's exporters write them, opsets 7 to 23, against PyTorch's own.

import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readNpy } from '../../../src/data/npy.ts'
import { gradient, gradientName } from '../../../src/grad/reverse.ts'
import { checkGraph } from '../../../src/onnx/check.ts'
import { readOnnxFile } from '../../../src/onnx/file.node.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { expectTensorsClose } from '../../support/allclose.ts'

const runtime = nodeRuntime({ threads: 1 })
const folder = 'test/fixtures/onnx'
const array = (name: string) => readNpy(readFileSync(`${folder}/${name}.npy`))
const files = readdirSync(folder).filter(file => file.endsWith('.onnx'))

test.each(files)("%s has PyTorch's gradient", async file => {
  const [net] = file.split('-')
  const graph = readOnnxFile(`${folder}/${file}`)
  const [input, output] = [graph.inputs[0]!.name, graph.outputs[0]!.name]
  const longer = gradient(graph, output, [input])
  checkGraph(longer)
  const session = await runtime.load(longer)
  const name = gradientName(output, input)
  const found = await session.run({ [input]: array(`${net}-input`) }, [name])
  await session.dispose()
  expect(found[name]!.dtype).toBe('float32')
  expectTensorsClose(found[name]!, array(`${net}-gradient`), { relative: 1e-4 })
})
