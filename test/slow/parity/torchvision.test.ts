// Nineteen torchvision networks as PyTorch's two exporters write them: logits and input gradients against
// PyTorch's own. The files come from `python scripts/fixtures/torchvision_exports.py DIR`; DIR is told through
// SILHOUETTE_PARITY. Writes docs/parity.md.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadClassifier } from '../../../src/classifier/load.node.ts'
import { readNpy } from '../../../src/data/npy.ts'
import { writeFileAtomic } from '../../../src/files/atomic.node.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { asFloat32 } from '../../../src/tensor/tensor.ts'

const Facts = z.object({
  name: z.string(),
  torch: z.string(),
  label: z.int(),
  gap: z.number(),
  failures: z.record(z.string(), z.string()),
})
const folder = process.env.SILHOUETTE_PARITY ?? '/tmp/silhouette-parity'
const networks = existsSync(folder)
  ? readdirSync(folder)
      .filter(file => file.endsWith('.json'))
      .sort()
      .map(file => Facts.parse(JSON.parse(readFileSync(join(folder, file), 'utf8'))))
  : []
const runtime = nodeRuntime()
const cells = new Map<string, string>()

const array = (file: string) => asFloat32(readNpy(new Uint8Array(readFileSync(join(folder, file)))))

/** Largest difference relative to the largest expected value. */
function distance(found: Float32Array, expected: Float32Array): number {
  const scale = expected.reduce((most, v) => Math.max(most, Math.abs(v)), 0)
  return found.reduce((most, v, i) => Math.max(most, Math.abs(v - expected[i]!)), 0) / scale
}

describe.skipIf(networks.length === 0)('PyTorch exports (none in SILHOUETTE_PARITY)', () => {
  const cases = networks.flatMap(facts => ['old', 'new'].map(exporter => ({ ...facts, exporter })))

  it.each(cases)('$name by the $exporter exporter', async ({ name, exporter, label, gap, failures }) => {
    const cell = (text: string) => cells.set(`${name} ${exporter}`, text)
    if (failures[exporter]) {
      cell('not exported |')
      return
    }
    cell('fails |')
    const classifier = await loadClassifier(join(folder, `${name}-${exporter}.onnx`), runtime, {
      mean: [0.5, 0.5, 0.5],
      std: [0.25, 0.25, 0.25],
    })
    const { logits, gradient } = await classifier.lossGradient(
      array(`${name}-images.npy`),
      Int32Array.of(label),
    )
    await classifier.dispose()
    const [ofLogits, ofGradient] = [
      distance(logits.data, array(`${name}-logits.npy`).data),
      distance(gradient.data, array(`${name}-gradient.npy`).data),
    ]
    cell(`${ofLogits.toExponential(0)} | ${ofGradient.toExponential(0)}`)
    expect(ofLogits).toBeLessThan(1e-4)
    // Where PyTorch in float32 and in float64 differ by more, no implementation can do better.
    expect(ofGradient).toBeLessThan(Math.max(1e-4, 2 * gap))
  })

  afterAll(() => {
    const rows = networks.map(
      ({ name, gap }) =>
        `| ${name} | ${cells.get(`${name} old`)} | ${cells.get(`${name} new`)} | ${gap.toExponential(0)} |`,
    )
    const text = [
      '# Parity with PyTorch',
      '',
      'Seeded random weights, batch norm calibrated, one image, logits and the input gradient of the cross-entropy on',
      'onnxruntime-node, from the files that the old (TorchScript) and the new (dynamo) exporter wrote. Largest difference',
      `relative to the largest value; PyTorch ${networks[0]?.torch}. The last column is how far the gradients of PyTorch in float32`,
      'and in float64 are apart on the same image: a ReLU at its kink or a tie in a pooling is decided by rounding.',
      '',
      '| network | logits, old | gradient, old | logits, new | gradient, new | PyTorch itself |',
      '|---|---|---|---|---|---|',
      ...rows,
      '',
      'Made by `python scripts/fixtures/torchvision_exports.py DIR` and',
      '`SILHOUETTE_PARITY=DIR npx vitest run --project slow test/slow/parity`.',
      '',
    ].join('\n')
    writeFileAtomic('docs/parity.md', text)
  })
})
