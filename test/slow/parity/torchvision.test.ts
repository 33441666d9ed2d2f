// Nineteen torchvision networks as PyTorch's two exporters write them: logits and input gradients against
// PyTorch's own, in Node and, for some, in Chromium. The files come from `python scripts/fixtures/torchvision_exports.py DIR`; DIR is told through
// SILHOUETTE_PARITY. Writes docs/parity.md.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadClassifier } from '../../../src/classifier/load.node.ts'
import { readNpy } from '../../../src/data/npy.ts'
import { writeFileAtomic } from '../../../src/files/atomic.node.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { asFloat32 } from '../../../src/tensor/tensor.ts'
import { type OpenPage, openPage, skipReason } from '../../browser/chromium.ts'
import type {} from './network.page.ts'

const Facts = z.object({
  name: z.string(),
  torch: z.string(),
  label: z.int(),
  gap: z.number(),
  size: z.int(),
  failures: z.record(z.string(), z.string()),
})
const folder = process.env.SILHOUETTE_PARITY ?? '/tmp/silhouette-parity'
const networks = existsSync(folder)
  ? readdirSync(folder)
      .filter(file => file.endsWith('.json'))
      .sort()
      .map(file => Facts.parse(JSON.parse(readFileSync(join(folder, file), 'utf8'))))
  : []
/** Also computed in Chromium: a plain, a residual, a depthwise and a transposing one, all small enough to send. */
const inChromium = [
  'squeezenet1_1',
  'resnet18',
  'mobilenet_v3_small',
  'shufflenet_v2_x1_0',
  'efficientnet_b0',
]
const runtime = nodeRuntime()
const cells = new Map<string, string>()

const array = (file: string) => asFloat32(readNpy(new Uint8Array(readFileSync(join(folder, file)))))

/** Largest difference relative to the largest expected value. */
function distance(found: Float32Array | number[], expected: Float32Array): number {
  const scale = expected.reduce((most, v) => Math.max(most, Math.abs(v)), 0)
  return expected.reduce((most, v, i) => Math.max(most, Math.abs(v - found[i]!)), 0) / scale
}

/** Compares with PyTorch's numbers and writes the distances into a cell of the table. */
function judge(
  cell: (text: string) => void,
  { name, gap }: { readonly name: string; readonly gap: number },
  logits: Float32Array | number[],
  gradient: Float32Array | number[],
): void {
  const ofLogits = distance(logits, array(`${name}-logits.npy`).data)
  const ofGradient = distance(gradient, array(`${name}-gradient.npy`).data)
  cell(`${ofLogits.toExponential(0)} | ${ofGradient.toExponential(0)}`)
  expect(ofLogits).toBeLessThan(1e-4)
  // Where PyTorch's own gradients differ by more, no implementation can do better.
  expect(ofGradient).toBeLessThan(Math.max(1e-4, 2 * gap))
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
    judge(cell, { name, gap }, logits.data, gradient.data)
  })

  describe.skipIf(skipReason !== undefined)(`in Chromium${skipReason ? ` (${skipReason})` : ''}`, () => {
    let open: OpenPage
    beforeAll(async () => {
      open = await openPage('test/slow/parity/network.html', false)
      await open.page.route('**/parity-files/*', route =>
        route.fulfill({ path: join(folder, basename(new URL(route.request().url()).pathname)) }),
      )
    })
    afterAll(() => open?.close())

    it.each(networks.filter(({ name }) => inChromium.includes(name)))(
      '$name',
      async ({ name, label, gap }) => {
        const files = { model: `/parity-files/${name}-old.onnx`, image: `/parity-files/${name}-images.npy` }
        const { logits, gradient } = await open.page.evaluate(
          ([where, which]) => globalThis.lossGradientOf(where, which),
          [files, label] as const,
        )
        judge(text => cells.set(`${name} chromium`, text), { name, gap }, logits, gradient)
      },
    )
  })

  afterAll(() => {
    const rows = networks.map(({ name, size, gap }) => {
      const columns = ['old', 'new', 'chromium'].map(where => cells.get(`${name} ${where}`) ?? ' |')
      return `| ${name} | ${size} | ${columns.join(' | ')} | ${gap.toExponential(0)} |`
    })
    const text = [
      '# Parity with PyTorch',
      '',
      'Seeded random weights, batch norm calibrated, one image, logits and the input gradient of the cross-entropy, from',
      'the files that the old (TorchScript) and the new (dynamo) exporter wrote, on onnxruntime-node, and from the old',
      "exporter's file on onnxruntime-web in Chromium. Largest difference relative to the largest value; PyTorch",
      `${networks[0]?.torch}. The image is the largest of 224, 160, 128, 96 and 64 pixels (inception_v3: from 299) at which`,
      "PyTorch's own gradients agree in float32, in float64, channels-last and with batch norm folded, so that no ReLU at its",
      'kink and no tie in a pooling is decided by rounding; the last column is by how much they differ.',
      '',
      '| network | size | logits, old | gradient, old | logits, new | gradient, new | logits, Chromium | gradient, Chromium | PyTorch itself |',
      '|---|---|---|---|---|---|---|---|---|',
      ...rows,
      '',
      'Made by `python scripts/fixtures/torchvision_exports.py DIR` and',
      '`SILHOUETTE_PARITY=DIR npx vitest run --project slow test/slow/parity`.',
      '',
    ].join('\n')
    writeFileAtomic('docs/parity.md', text)
  })
})
