// A sweep in child processes: networks made side by side, one at a time, and killed between.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { writeTinyStudy } from './tiny-study.ts'
import { main, node, silhouette, workspace } from './workspace.ts'

let config: string
const fresh = () => mkdtempSync(join(workspace, 'sweep-'))

beforeAll(async () => {
  const folder = join(workspace, 'tiny-sweep')
  mkdirSync(folder, { recursive: true })
  await writeTinyStudy(folder)
  config = join(folder, 'sweep.yaml')
  writeFileSync(
    config,
    `name: tiny
train: { arch: mini-alex, size: 16, data: images, epochs: 3, batchSize: 4, adversarial: { norm: L2, epsilon: 1, steps: 2 } }
over: { width: [4, 2], epsilon: [0, 1] }
data: { kind: folders, images: images, cueConflict: conflicts }
measure: { norm: L2, epsilon: 1, steps: 2, images: 8, simplicity: false }
`,
  )
})

/** What a sweep leaves but for the times. */
function left(out: string): string[] {
  const networks = ['w4-eps0', 'w4-eps1', 'w2-eps0', 'w2-eps1'].map(
    name => `networks/${name}-seed0/model.onnx`,
  )
  const timeless = (text: string) => text.replace(/"secondsPerEpoch": [\d.]+/g, '')
  return [
    timeless(readFileSync(join(out, 'sweep.json'), 'utf8')),
    ...networks.map(path => readFileSync(join(out, path), 'base64')),
  ]
}

test('networks made side by side are those made one at a time, even when it is killed', async () => {
  const [alone, beside, killed] = [fresh(), fresh(), fresh()]
  expect(await silhouette('sweep', config, '--out', alone, '--threads', '1')).toMatchObject({
    code: 0,
    err: '',
  })
  const rows = JSON.parse(readFileSync(join(alone, 'sweep.json'), 'utf8')).rows
  expect(rows.map(({ name }: { name: string }) => name)).toEqual([
    'w4-eps0-seed0',
    'w4-eps1-seed0',
    'w2-eps0-seed0',
    'w2-eps1-seed0',
  ])
  expect(await silhouette('sweep', config, '--out', beside, '--threads', '2')).toMatchObject({
    code: 0,
    err: '',
  })
  expect(left(beside)).toEqual(left(alone))

  const { signal } = await node([main, 'sweep', config, '--out', killed, '--threads', '2'], {
    started(child) {
      const watch = setInterval(() => {
        if (!existsSync(join(killed, 'networks/w4-eps1-seed0/checkpoint.safetensors'))) return
        clearInterval(watch)
        child.kill('SIGKILL')
      }, 5)
      child.on('close', () => clearInterval(watch))
    },
  })
  expect(signal).toBe('SIGKILL')
  expect(existsSync(join(killed, 'networks/w2-eps1-seed0/model.onnx'))).toBe(false)
  expect(await silhouette('sweep', config, '--out', killed, '--threads', '2')).toMatchObject({
    code: 0,
    err: '',
  })
  expect(left(killed)).toEqual(left(alone))
}, 120_000)

test('schemes are compared with the reference, seed by seed', async () => {
  const schemes = join(workspace, 'tiny-sweep', 'schemes.yaml')
  writeFileSync(
    schemes,
    `name: schemes
train: { arch: mini-alex, width: 2, size: 16, data: images, epochs: 1, batchSize: 4 }
over: { seed: [0, 1] }
reference: plain
schemes: { plain: {}, pgd: { adversarial: { norm: L2, epsilon: 1, steps: 2 } } }
data: { kind: folders, images: images }
measure: { norm: L2, epsilon: 1, steps: 2, images: 8, simplicity: false }
`,
  )
  const out = fresh()
  const { code, out: printed } = await silhouette('sweep', schemes, '--out', out)
  const { rows, comparisons } = JSON.parse(readFileSync(join(out, 'sweep.json'), 'utf8'))
  const mean = (group: string) =>
    rows
      .filter((row: { group: string }) => row.group === group)
      .reduce((sum: number, row: { robust: { value: number } }) => sum + row.robust.value / 2, 0)
  const [{ robust }, ...others] = comparisons
  expect([code, others]).toEqual([0, []])
  expect(robust.difference.value).toBeCloseTo(mean('pgd') - mean('plain'), 12)
  expect(robust.overSeeds.value).toBeCloseTo(robust.difference.value, 12)
  const points = (100 * Math.abs(robust.difference.value)).toFixed(1).replace(/^0\.0$/, '0')
  expect(printed.split('\n').find(line => line.startsWith('pgd '))).toContain(`${points} [`)
  expect(printed).toContain('beside plain')
}, 60_000)

test('a folder without images is one sentence, wherever it is found', async () => {
  const wrong = join(workspace, 'tiny-sweep', 'wrong.yaml')
  writeFileSync(wrong, readFileSync(config, 'utf8').replace('data: images', 'data: nowhere'))
  const { code, err } = await silhouette('sweep', wrong, '--out', fresh(), '--threads', '2')
  expect(code).toBe(2)
  expect(err.trim().split('\n')).toHaveLength(1)
  expect(err).toContain('nowhere')
})
