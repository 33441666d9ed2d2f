import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { writeSafetensors } from '../../../src/checkpoint/index.ts'
import { readModel } from '../../../src/classifier/load.node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { buildNetwork } from '../../../src/zoo/index.ts'
import { run } from '../../support/command.ts'

const folder = mkdtempSync(join(tmpdir(), 'silhouette-models-'))
const copy = join(folder, 'mine.safetensors')

beforeAll(() => {
  vi.stubEnv('SILHOUETTE_MODELS', join(folder, 'config'))
  const { graph } = buildNetwork('googlenet', { classes: 2, random: new Random(1) })
  const weights = [...graph.initializers].filter(([name]) => /\.(weight|bias|running_\w+)$/.test(name))
  writeFileSync(copy, writeSafetensors(new Map(weights)))
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

test('lists the six networks of the paper', async () => {
  const { code, out } = await run('models')
  expect(code).toBe(0)
  expect(out.replaceAll(folder, 'FOLDER')).toMatchSnapshot()
})

test('shows where one is published', async () => {
  expect((await run('models', 'resnet50-r')).out).toMatchSnapshot()
})

test('a model without a local copy says where to get it', () => {
  expect(() => readModel('alexnet-r')).toThrow(
    /^no local copy of alexnet-r: get alexnet_r.pt from https:.*, then say where it is: silhouette models alexnet-r --use FILE$/,
  )
})

test('notes a local copy, loads it by name, and notices when it changed', async () => {
  const { code, out } = await run('models', 'googlenet-r', '--use', copy)
  const sha256 = createHash('sha256').update(readFileSync(copy)).digest('hex')
  expect(code).toBe(0)
  expect(out).toMatch(new RegExp(`local copy +${copy}`))
  expect(out).toContain(sha256)
  expect(JSON.parse((await run('models', '--json')).out).models[3]).toMatchObject({
    path: copy,
    checksum: sha256,
  })

  const model = readModel('googlenet-r')
  expect(model).toMatchObject({ name: 'googlenet-r', file: copy })
  expect(model.graph.outputs[0]?.shape).toEqual(['n', 2])

  utimesSync(copy, 1, 1)
  expect(readModel('googlenet-r').file).toBe(copy)
  const bytes = readFileSync(copy)
  bytes[bytes.length - 1]! ^= 1
  writeFileSync(copy, bytes)
  utimesSync(copy, 2, 2)
  expect(() => readModel('googlenet-r')).toThrow(/is not the googlenet-r that was first used \(SHA-256/)
})

test.each([
  [['alexnot'], /unknown model: alexnot \(known: alexnet, alexnet-r/],
  [['--use', copy], /--use needs the name of the model/],
  [['resnet50-r', '--use', copy], /the checkpoint does not fit resnet50: missing/],
  [['googlenet', '--use', copy], /is not googlenet-1378be20.pth: its SHA-256 starts with/],
  [['googlenet', '--use', '/nowhere.pt'], /cannot read \/nowhere.pt/],
])('refuses %j', async (args, message) => {
  const { code, err } = await run('models', ...args)
  expect(code).toBe(2)
  expect(err).toMatch(message)
})

test('a damaged list of copies is named', async () => {
  writeFileSync(join(folder, 'config', 'models.json'), '{"alexnet": 1}')
  const { code, err } = await run('models')
  expect(code).toBe(2)
  expect(err).toMatch(/models.json is damaged: .* delete it and name your copies again/)
})
