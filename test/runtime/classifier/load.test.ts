import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { writeSafetensors } from '../../../src/checkpoint/safetensors.ts'
import { loadClassifier, readModel } from '../../../src/classifier/load.node.ts'
import { readNpy } from '../../../src/data/npy.ts'
import { writeOnnxFile } from '../../../src/onnx/file.node.ts'
import { writeOnnx } from '../../../src/onnx/write.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { asFloat32 } from '../../../src/tensor/tensor.ts'
import { buildNetwork } from '../../../src/zoo/architectures.ts'
import { expectTensorsClose } from '../../support/allclose.ts'
import { flatImages, plain, tinyGraph } from '../../support/tiny-classifier.ts'

const folder = mkdtempSync(join(tmpdir(), 'silhouette-load-'))
afterAll(() => rmSync(folder, { recursive: true }))
const runtime = nodeRuntime()
const graph = tinyGraph({
  weights: [
    [1, 0, 0],
    [0, 1, 0],
  ],
})

/** A folder of its own with `model.onnx` and these files beside it. */
function modelWith(
  files: Record<string, unknown>,
  metadata: ReadonlyMap<string, string> = new Map(),
): string {
  const own = mkdtempSync(join(folder, 'model-'))
  writeOnnxFile(join(own, 'model.onnx'), { ...graph, metadata })
  for (const [name, json] of Object.entries(files))
    writeFileSync(join(own, name), typeof json === 'string' ? json : JSON.stringify(json))
  return join(own, 'model.onnx')
}

describe('where the manifest comes from', () => {
  const notes = new Map([
    [
      'silhouette.preprocessing',
      JSON.stringify({ ...plain, mean: [1, 1, 1], std: [2, 2, 2], filter: 'nearest' }),
    ],
    ['silhouette.classes', '["a","b"]'],
  ])
  const timm = {
    architecture: 'x',
    pretrained_cfg: { input_size: [3, 4, 4], mean: [3, 3, 3], std: [4, 4, 4], crop_pct: 1 },
  }
  test('flags over the file beside it over notes over hub configs over defaults', () => {
    const path = modelWith({ 'model.json': { mean: [0.5, 0.5, 0.5] }, 'config.json': timm }, notes)
    const { manifest } = readModel(path, { channels: 'bgr' })
    const { preprocessing, origins, classes } = manifest
    expect(preprocessing).toEqual({
      ...plain,
      channels: 'bgr',
      mean: [0.5, 0.5, 0.5],
      std: [2, 2, 2],
      filter: 'nearest',
    })
    expect(origins).toMatchObject({ channels: 'options', mean: 'model.json', std: 'notes in the file' })
    expect(classes).toEqual(['a', 'b'])
  })
  test("timm's config where nothing else says anything", () => {
    const { preprocessing, origins } = readModel(modelWith({ 'config.json': timm })).manifest
    expect(preprocessing).toMatchObject({
      mean: [3, 3, 3],
      std: [4, 4, 4],
      filter: 'bicubic',
      resize: 'short-side',
      resizeTo: 4,
    })
    expect(origins).toMatchObject({ mean: 'config.json', range: 'default' })
  })
  test("transformers' configs, one folder up from onnx/", () => {
    const path = modelWith({})
    const onnx = join(path, '..', 'onnx')
    mkdirSync(onnx)
    copyFileSync(path, join(onnx, 'model.onnx'))
    writeFileSync(
      join(onnx, '..', 'preprocessor_config.json'),
      JSON.stringify({
        image_mean: [0.1, 0.2, 0.3],
        image_std: [1, 2, 3],
        size: { height: 4, width: 4 },
        resample: 3,
      }),
    )
    writeFileSync(join(onnx, '..', 'config.json'), JSON.stringify({ id2label: { 0: 'cat', 1: 'dog' } }))
    const { manifest } = readModel(join(onnx, 'model.onnx'))
    expect(manifest.preprocessing).toMatchObject({
      mean: [0.1, 0.2, 0.3],
      filter: 'bicubic',
      resize: 'exact',
    })
    expect(manifest.classes).toEqual(['cat', 'dog'])
  })
  test('another config.json is none of our business', () => {
    expect(readModel(modelWith({ 'config.json': { port: 80 } })).manifest.origins.mean).toBe('default')
  })
  test('what is said is done', async () => {
    const model = await loadClassifier(
      modelWith({ 'model.json': { mean: [0.5, 0, 0], std: [0.5, 1, 1] } }),
      runtime,
    )
    expect([...(await model.logits(flatImages([[1, 0.25, 0]]))).data]).toEqual([1, 0.25])
    expect(model.name).toBe('model')
    await model.dispose()
  })
})

describe('weights of the zoo', () => {
  const network = buildNetwork('mini-res', { classes: 3, size: 32, width: 4, random: new Random(1) })
  const weights = new Map(
    [...network.parameters, ...network.buffers].map(n => [n, network.graph.initializers.get(n)!]),
  )
  const bytes = writeSafetensors(weights, new Map([['silhouette.network', JSON.stringify(network.spec)]]))

  test('a checkpoint that names its network, by path and by folder, equals the graph', async () => {
    const own = mkdtempSync(join(folder, 'run-'))
    writeFileSync(join(own, 'model.safetensors'), bytes)
    const path = join(folder, 'direct.onnx')
    writeFileSync(path, writeOnnx(network.graph))
    const models = [own, join(own, 'model.safetensors'), path].map(place => loadClassifier(place, runtime))
    const [first, second, onnx] = await Promise.all(models)
    const images = flatImages(
      [
        [1, 0.5, 0],
        [0, 0.2, 0.9],
      ],
      32,
    )
    const logits = await first!.logits(images)
    expectTensorsClose(await second!.logits(images), logits, {})
    expectTensorsClose(await onnx!.logits(images), logits, {})
    expect(first!.layers).toEqual(network.layers)
    expect([second!.name, onnx!.name]).toEqual(['model', 'direct'])
    for (const model of [first!, second!, onnx!]) await model.dispose()
  })
  test('weights alone need --arch', async () => {
    const path = join(folder, 'alone.safetensors')
    const small = buildNetwork('mini-alex', { classes: 3, random: new Random(1) })
    writeFileSync(
      path,
      writeSafetensors(
        new Map(small.parameters.concat(small.buffers).map(n => [n, small.graph.initializers.get(n)!])),
        new Map(),
      ),
    )
    expect(() => readModel(path)).toThrow(/holds weights only.*--arch.*mini-alex/)
    expect(() => readModel(path, { arch: 'alexnet' })).toThrow(/does not fit alexnet/)
    expect(readModel(path, { arch: 'mini-alex' }).manifest.origins.mean).toBe('zoo (mini-alex)')
  })
})

test('a vision transformer exported for one image takes two, and equals PyTorch', async () => {
  const fixtures = new URL('../../fixtures/classifier/', import.meta.url).pathname
  const npy = (name: string) => asFloat32(readNpy(readFileSync(join(fixtures, name))))
  const model = await loadClassifier(join(fixtures, 'vit-batch1.onnx'), runtime)
  expectTensorsClose(await model.logits(npy('vit-images.npy')), npy('vit-logits.npy'), { relative: 1e-5 })
  await model.dispose()
})

describe('bad input', () => {
  test.each<[string, () => string, RegExp]>([
    ['no file', () => join(folder, 'none.onnx'), /none\.onnx/],
    ['another file', () => write('a.txt', 'x'), /a\.txt.*\.onnx/],
    ['a truncated model', () => write('cut.onnx', writeOnnx(graph).subarray(0, 60)), /cut\.onnx/],
    ['text that is no model', () => write('text.onnx', 'hello'), /text\.onnx/],
    ['an empty folder', () => mkdtempSync(join(folder, 'empty-')), /holds no model/],
    [
      'a folder of many',
      () => {
        const f = mkdtempSync(join(folder, 'many-'))
        for (const n of ['a.onnx', 'b.onnx']) writeFileSync(join(f, n), '')
        return f
      },
      /several models: name one of a\.onnx, b\.onnx/,
    ],
    ['a manifest that is no JSON', () => modelWith({ 'model.json': '{' }), /model\.json is not valid JSON/],
    [
      'a manifest with an unknown field',
      () => modelWith({ 'model.json': { men: [0, 0, 0] } }),
      /model\.json.*men/,
    ],
    [
      'a manifest with a wrong value',
      () => modelWith({ 'model.json': { std: [0, 1, 1] } }),
      /model\.json: std\.0/,
    ],
    [
      'broken notes',
      () => modelWith({}, new Map([['silhouette.classes', '[']])),
      /silhouette\.classes.*not valid JSON/,
    ],
    [
      'a manifest for another size',
      () => modelWith({ 'model.json': { size: [5, 5] } }),
      /takes images of 4x4.*5x5/,
    ],
    [
      'too many classes',
      () => modelWith({ 'model.json': { classes: ['a', 'b', 'c'] } }),
      /2 classes, but 3 class names/,
    ],
  ])('%s', async (_, path, message) => {
    await expect(loadClassifier(path(), runtime)).rejects.toThrow(
      expect.objectContaining({ name: 'InputError', message: expect.stringMatching(message) }),
    )
  })
})

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
