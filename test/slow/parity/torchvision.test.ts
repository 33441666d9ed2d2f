// Nineteen torchvision networks as PyTorch's two exporters write them: logits and input gradients against
// PyTorch's own, in Node and, for some, in Chromium. The files come from `python scripts/fixtures/torchvision_exports.py DIR`; DIR is told through
// SILHOUETTE_PARITY. Writes docs/parity-networks.md.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadClassifier } from '../../../src/classifier/load.node.ts'
import { readNpy } from '../../../src/data/npy.ts'
import { writeFileAtomic } from '../../../src/files/atomic.node.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { asFloat32, type FloatTensor } from '../../../src/tensor/tensor.ts'
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

/** Of each image, the largest difference relative to the largest expected value. */
function distances(found: Float32Array | number[], expected: FloatTensor): number[] {
  const [n = 0] = expected.shape
  const stride = expected.data.length / n
  return Array.from({ length: n }, (_, i) => {
    const wanted = expected.data.subarray(i * stride, (i + 1) * stride)
    const scale = wanted.reduce((most, v) => Math.max(most, Math.abs(v)), 0)
    return wanted.reduce((most, v, k) => Math.max(most, Math.abs(v - found[i * stride + k]!)), 0) / scale
  })
}

/**
 * Compares with PyTorch's numbers, image by image, and writes the distances into a cell of the table. Of the
 * gradients one must agree: a wrong rule cannot agree with PyTorch to 1e-4 in every pixel of any image, while on
 * some image a ReLU's kink may lie between PyTorch's rounding and this runtime's.
 */
function judge(
  cell: (text: string) => void,
  name: string,
  logits: Float32Array | number[],
  gradient: Float32Array | number[],
): void {
  const ofLogits = distances(logits, array(`${name}-logits.npy`))
  const ofGradients = distances(gradient, array(`${name}-gradient.npy`))
  const agreeing = ofGradients.filter(d => d < 1e-4).length
  const count = agreeing < ofGradients.length ? ` (${agreeing} of ${ofGradients.length} images)` : ''
  cell(`${Math.max(...ofLogits).toExponential(0)} | ${Math.min(...ofGradients).toExponential(0)}${count}`)
  for (const d of ofLogits) expect(d).toBeLessThan(1e-4)
  expect(agreeing).toBeGreaterThan(0)
}

describe.skipIf(networks.length === 0)('PyTorch exports (none in SILHOUETTE_PARITY)', () => {
  const cases = networks.flatMap(facts => ['old', 'new'].map(exporter => ({ ...facts, exporter })))

  it.each(cases)('$name by the $exporter exporter', async ({ name, exporter, label, failures }) => {
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
    const images = array(`${name}-images.npy`)
    const labels = new Int32Array(images.shape[0]!).fill(label)
    const { logits, gradient } = await classifier.lossGradient(images, labels)
    await classifier.dispose()
    judge(cell, name, logits.data, gradient.data)
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

    it.each(networks.filter(({ name }) => inChromium.includes(name)))('$name', async ({ name, label }) => {
      const files = { model: `/parity-files/${name}-old.onnx`, images: `/parity-files/${name}-images.npy` }
      const { logits, gradient } = await open.page.evaluate(
        ([where, which]) => globalThis.lossGradientOf(where, which),
        [files, label] as const,
      )
      judge(text => cells.set(`${name} chromium`, text), name, logits, gradient)
    })
  })

  afterAll(() => {
    const rows = networks.map(({ name, size, gap }) => {
      const columns = ['old', 'new', 'chromium'].map(where => cells.get(`${name} ${where}`) ?? ' |')
      return `| ${name} | ${size} | ${columns.join(' | ')} | ${gap.toExponential(0)} |`
    })
    const text = [
      '# Nineteen networks beside PyTorch',
      '',
      'Seeded random weights, batch norm calibrated, up to three images, logits and the input gradient of the cross-entropy, from',
      'the files that the old (TorchScript) and the new (dynamo) exporter wrote, on onnxruntime-node, and from the old',
      "exporter's file on onnxruntime-web in Chromium. Largest difference relative to the largest value; PyTorch",
      `${networks[0]?.torch}. Images are the largest of 224, 160, 128, 96, 64 and 32 pixels at which PyTorch's own gradients agree in`,
      'float32, in float64, channels-last and with batch norm folded, so that no ReLU at its kink and no tie in a pooling is',
      'decided by rounding; the last column is by how much they differ. The runtime rounds otherwise still: where a kink lies',
      'between it and PyTorch on some image, the number of images that agree to 1e-4 is given.',
      '',
      '| network | size | logits, old | gradient, old | logits, new | gradient, new | logits, Chromium | gradient, Chromium | PyTorch itself |',
      '|---|---|---|---|---|---|---|---|---|',
      ...rows,
      '',
      'Made by `python scripts/fixtures/torchvision_exports.py DIR` and',
      '`SILHOUETTE_PARITY=DIR npx vitest run --project slow test/slow/parity`.',
      '',
    ].join('\n')
    writeFileAtomic('docs/parity-networks.md', text)
  })
})
