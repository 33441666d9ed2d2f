// A checkpoint of ResNet-50's size opens fast and takes no more memory than its weights.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { expect, it } from 'vitest'
import { openCheckpoint } from '../../../src/checkpoint/file.node.ts'
import { buildNetwork, networkFrom } from '../../../src/zoo/index.ts'
import { withFormulaWeights } from '../../support/formula-weights.ts'

/** A state dict as torch.save lays it out, its pickle in the text of protocol 0. */
function archive(): Uint8Array {
  const network = buildNetwork('resnet50', { classes: 1000 })
  const { initializers } = withFormulaWeights(network)
  const files: Record<string, Uint8Array> = {}
  let pickle = '}'
  for (const [key, name] of [...network.parameters, ...network.buffers].entries()) {
    const { shape, data } = initializers.get(name)!
    files[`archive/data/${key}`] = new Uint8Array(data.buffer)
    const [sizes, steps] = [shape, shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1))].map(
      values => values.map(v => `I${v}\n`).join(''),
    )
    const storage = `(S'storage'\nctorch\nFloatStorage\nS'${key}'\nS'cpu'\nI${data.length}\ntQ`
    pickle += `S'${name}'\nctorch._utils\n_rebuild_tensor_v2\n(${storage}I0\n(${sizes}t(${steps}tI00\nNtRs`
  }
  files['archive/data.pkl'] = new TextEncoder().encode(`${pickle}.`)
  return zipSync(files, { level: 0 })
}

const held = () => {
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
}

it('opens in under 2 seconds and 400 MB', () => {
  const folder = mkdtempSync(join(tmpdir(), 'silhouette-large-'))
  const path = join(folder, 'resnet50.pt')
  try {
    writeFileSync(path, archive())
    const [memory, start] = [held(), process.cpuUsage()]
    const checkpoint = openCheckpoint(path)
    const network = networkFrom('resnet50', checkpoint.tensors)
    checkpoint.close()
    // Time of the processor, so that what else the machine does is no fault of the reader.
    const { user, system } = process.cpuUsage(start)
    expect((user + system) / 1000).toBeLessThan(2000)
    expect(held() - memory).toBeLessThan(400e6)
    expect(network.graph.outputs[0]?.shape).toEqual(['n', 1000])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
