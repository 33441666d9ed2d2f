import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadClassifier } from '../../../src/classifier/load.node.ts'
import type { ProgressTask } from '../../../src/progress/progress.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { Recipe } from '../../../src/train/recipe.ts'
import { trainInFolder } from '../../../src/train/run.node.ts'
import { trainedWeights } from '../../../src/train/state.ts'
import { buildNetwork } from '../../../src/zoo/index.ts'
import { memoryDataset } from '../../support/memory-dataset.ts'

const runtime = nodeRuntime({ threads: 1 })
const recipe = Recipe.parse({
  arch: 'mini-alex',
  width: 4,
  data: 'stripes',
  epochs: 4,
  batchSize: 16,
  augment: { crop: 2, flip: true },
  adversarial: { norm: 'L2', epsilon: 0.5, steps: 2 },
})

/** Noise with horizontal or vertical stripes on it: two classes that a mirror does not swap. */
function stripes(count: number, seed: number) {
  const random = new Random(seed)
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2)
  const data = Float32Array.from({ length: count * 3 * 256 }, (_, i) => {
    const [x, y, image] = [i % 16, (i >> 4) % 16, Math.floor(i / 768)]
    const wave = Math.sin((labels[image] ? x : y) * 1.5)
    return Math.round(255 * Math.min(1, Math.max(0, 0.5 + 0.2 * wave + 0.05 * random.normal()))) / 255
  })
  return memoryDataset('stripes', float32([count, 3, 16, 16], data), labels, 2)
}

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'silhouette-train-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const files = ['checkpoint.safetensors', 'log.csv', 'model.onnx', 'model.safetensors', 'recipe.json']
const adversarial = { norm: 'L2', epsilon: 0.5, steps: 2 } as const
/** Progress and signal of a run that is killed after so many calls. */
function stoppedAfter(calls: number) {
  const stop = new AbortController()
  let seen = 0
  const progress = {
    start: (label: string): ProgressTask => ({
      advance() {
        if (label === 'training' && ++seen === calls) stop.abort()
      },
      end() {},
    }),
  }
  return { progress, signal: stop.signal }
}

const buildNetworkOf = ({ arch, width = 4 }: Recipe) => buildNetwork(arch, { classes: 2, size: 16, width })
const bytesIn = (out: string) => files.map(file => readFileSync(join(out, file)))

describe('training in a folder', () => {
  it('ends in the same bytes when it is stopped in the middle of an epoch and started again', async () => {
    const data = stripes(80, 0)
    const validation = stripes(20, 1)
    const options = { recipe, data, validation, runtime }
    const whole = join(folder, 'whole')
    const finished = await trainInFolder({ ...options, out: whole })
    expect(readdirSync(whole).sort()).toEqual([...files, 'times.csv'])

    const broken = join(folder, 'broken')
    await expect(trainInFolder({ ...options, out: broken, ...stoppedAfter(13) })).rejects.toThrow()
    expect(existsSync(join(broken, 'model.onnx'))).toBe(false)
    expect(readFileSync(join(broken, 'log.csv'), 'utf8').split('\n').length).toBeLessThan(6)
    const resumed = await trainInFolder({ ...options, out: broken })
    expect(bytesIn(broken)).toEqual(bytesIn(whole))

    const { log } = resumed.state
    expect(log).toEqual(finished.state.log)
    expect(log).toHaveLength(4)
    expect(log.map(row => row.epsilon)).toEqual([expect.closeTo(0.166, 1), expect.closeTo(0.44, 1), 0.5, 0.5])
    expect(log[3]!.validationAccuracy).toBeGreaterThan(0.9)
    const other = join(folder, 'other')
    await trainInFolder({ ...options, recipe: { ...recipe, seed: 1 }, out: other })
    expect(bytesIn(other)[3]).not.toEqual(bytesIn(whole)[3])
  })

  it.each<[string, object]>([
    ['AdamW and running means', { optimiser: { kind: 'adamw' }, learningRate: 0.003, ema: 0.9 }],
    ['perturbed weights', { weightPerturbation: { from: 0.5 } }],
    ['two batch norms', { adversarial: { ...adversarial, scheme: 'advprop' }, ema: 0.5 }],
    ['TRADES', { adversarial: { ...adversarial, scheme: 'trades' }, augment: { cutout: 4 } }],
    ['noise', { adversarial: undefined, noise: { sigma: 0.1 }, activation: 'smooth-relu' }],
    ['the best epoch', { robustValidation: { steps: 2, images: 20 }, denoise: 'mean' }],
  ])('ends in the same bytes with %s, killed in the second epoch', async (_, settings) => {
    const data = stripes(48, 0)
    const options = {
      recipe: Recipe.parse({ ...recipe, epochs: 3, ...settings }),
      data,
      validation: stripes(20, 1),
      runtime,
    }
    const whole = join(folder, 'whole')
    await trainInFolder({ ...options, out: whole })
    const broken = join(folder, 'broken')
    await expect(trainInFolder({ ...options, out: broken, ...stoppedAfter(5) })).rejects.toThrow()
    await trainInFolder({ ...options, out: broken })
    expect(bytesIn(broken)).toEqual(bytesIn(whole))
  })

  it('keeps the epoch that withstands attacks best, and stops when none is better', async () => {
    const validation = stripes(20, 1)
    const patient = Recipe.parse({
      ...recipe,
      // After the first epochs the rate is so high that the network is lost.
      epochs: 8,
      schedule: { kind: 'step', every: 2, factor: 1 },
      learningRate: 3,
      robustValidation: { steps: 2, images: 20, patience: 2 },
    })
    const options = { recipe: patient, data: stripes(80, 0), validation, runtime, out: folder }
    const { state, stopped } = await trainInFolder(options)
    const shares = state.log.map(row => row.robustAccuracy!)
    const best = shares.indexOf(Math.max(...shares))
    expect(state.log.length).toBe(best + 3)
    expect(stopped).toBe('accuracy under PGD-2 has not risen for 2 epochs')
    const [kept, last] = [trainedWeights(buildNetworkOf(patient), state), state.weights]
    expect(kept.get('conv1.weight')).not.toEqual(last.get('conv1.weight'))
    const before = bytesIn(folder)
    await trainInFolder(options)
    expect(bytesIn(folder)).toEqual(before)
  })

  it('leaves models that load as the trained classifier', async () => {
    const data = stripes(80, 0)
    const standard = { ...recipe, adversarial: undefined }
    const { onnx, safetensors } = await trainInFolder({ recipe: standard, data, runtime, out: folder })
    for (const path of [onnx, safetensors]) {
      const model = await loadClassifier(path, runtime)
      expect(model.classes).toEqual(['class 0', 'class 1'])
      expect(model.layers.map(layer => layer.name)).toEqual(['conv1', 'conv2', 'conv3', 'conv4', 'conv5'])
      for await (const { images, labels } of stripes(40, 2).batches({ batchSize: 40 })) {
        const { data: logits } = await model.logits(images)
        const right = labels.filter((label, i) => logits[2 * i + 1]! > logits[2 * i]! === (label === 1))
        expect(right.length).toBeGreaterThan(36)
      }
      await model.dispose()
    }
  })

  it('refuses a folder that holds another run, and a broken checkpoint', async () => {
    const options = { recipe: { ...recipe, epochs: 1 }, data: stripes(32, 0), runtime, out: folder }
    await trainInFolder(options)
    await expect(trainInFolder({ ...options, recipe: { ...options.recipe, seed: 5 } })).rejects.toThrow(
      /belongs to another run/,
    )
    const checkpoint = join(folder, 'checkpoint.safetensors')
    writeFileSync(checkpoint, readFileSync(checkpoint).subarray(0, 5000))
    await expect(trainInFolder(options)).rejects.toThrow(/checkpoint.safetensors/)
  })

  it('says what is wrong with data that cannot be trained on', async () => {
    const few = { recipe, data: stripes(8, 0), runtime, out: folder }
    await expect(trainInFolder(few)).rejects.toThrow('stripes has 8 images, fewer than one batch of 16')
    const fast = {
      ...recipe,
      learningRate: 1e30,
      clipGradient: null,
      schedule: { kind: 'step', every: 9, factor: 1 },
    }
    await expect(trainInFolder({ ...few, recipe: Recipe.parse(fast), data: stripes(80, 0) })).rejects.toThrow(
      /no longer a number in epoch \d: lower the learning rate/,
    )
  })
})
