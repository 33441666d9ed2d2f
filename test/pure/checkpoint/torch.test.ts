// Checkpoints that PyTorch, scripts around it and robustness wrote.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openCheckpoint } from '../../../src/checkpoint/file.node.ts'
import { memorySource, readCheckpoint, type StoredTensor, toFloat32 } from '../../../src/checkpoint/index.ts'
import { canonicalNames } from '../../../src/checkpoint/names.ts'

const folder = 'test/fixtures/checkpoint'
const expected = z
  .object({
    layouts: z.record(
      z.string(),
      z.object({ dtype: z.string(), shape: z.array(z.number()), values: z.array(z.string()) }),
    ),
    tiny: z.record(z.string(), z.array(z.number())),
  })
  .parse(JSON.parse(readFileSync(`${folder}/expected.json`, 'utf8')))

const source = (name: string) => memorySource(new Uint8Array(readFileSync(`${folder}/${name}`)), name)
const numbers = (tensor: StoredTensor) => [...toFloat32(tensor.read()).data]
const python: Readonly<Record<string, number>> = { inf: Infinity, '-inf': -Infinity }

describe.each([
  ['layouts.pt', 'torch'],
  ['layouts-protocol4.pt', 'torch'],
  ['layouts-legacy.pth', 'torch-legacy'],
  ['layouts.safetensors', 'safetensors'],
])('%s', (name, format) => {
  it('gives every element type and layout', () => {
    const checkpoint = readCheckpoint(source(name))
    expect(checkpoint.format).toBe(format)
    expect(new Set(checkpoint.tensors.keys())).toEqual(new Set(Object.keys(expected.layouts)))
    for (const [key, golden] of Object.entries(expected.layouts)) {
      const stored = checkpoint.tensors.get(key)!
      const { dtype, shape } = stored.read()
      expect([key, dtype, [...shape], stored.dtype, [...stored.shape]]).toEqual([
        key,
        golden.dtype,
        golden.shape,
        golden.dtype,
        golden.shape,
      ])
      expect([key, numbers(stored)]).toEqual([
        key,
        golden.values.map(v => Math.fround(python[v] ?? Number(v))),
      ])
    }
  })

  it('is read from a file in pieces, and closed', () => {
    const checkpoint = openCheckpoint(`${folder}/${name}`)
    expect(numbers(checkpoint.tensors.get('sliced')!)).toHaveLength(9)
    checkpoint.close()
    expect(() => checkpoint.tensors.get('sliced')!.read()).toThrow()
  })

  it('says when it is cut', () => {
    const bytes = new Uint8Array(readFileSync(`${folder}/${name}`))
    const cut = memorySource(bytes.subarray(0, bytes.length - 9), 'cut')
    expect(() => readCheckpoint(cut)).toThrow(/cut/)
  })
})

describe.each([
  ['plain', ''],
  ['training', 'state_dict'],
  ['inner-module', ''],
  ['ema', 'model_ema'],
  ['compiled', 'model'],
  ['lightning', 'state_dict'],
  ['module', ''],
  ['data-parallel', 'net'],
  ['robustness', 'model'],
  ['robustness-old', 'state_dict'],
])('%s', (name, part) => {
  it('gives the weights under their own names', () => {
    const checkpoint = readCheckpoint(source(`${name}.pt`))
    expect(checkpoint.part).toBe(part)
    expect(new Set(checkpoint.tensors.keys())).toEqual(new Set(Object.keys(expected.tiny)))
    for (const [key, golden] of Object.entries(expected.tiny))
      expect([key, numbers(checkpoint.tensors.get(key)!)]).toEqual([key, golden])
  })
})

it('takes the weights it is told to', () => {
  const raw = readCheckpoint(source('ema.pt'), { part: 'model' })
  expect(raw.part).toBe('model')
  expect(numbers(raw.tensors.get('fc.bias')!)).toEqual([0, 0])
  expect(() => readCheckpoint(source('ema.pt'), { part: 'weights' })).toThrow(
    'ema.pt holds no weights under weights (it has model, model_ema, args)',
  )
})

it('refuses what is no checkpoint', () => {
  expect(() =>
    readCheckpoint(memorySource(new TextEncoder().encode('hello, world: no weights'), 'a.pt')),
  ).toThrow(/^a.pt is no checkpoint/)
  expect(() => openCheckpoint(folder)).toThrow(/cannot read .*: it is not a file/)
  expect(() => openCheckpoint(`${folder}/none.pt`)).toThrow(/cannot read/)
})

it('brings old names up to date', () => {
  const names = (...keys: string[]) => [...canonicalNames(new Map(keys.map(key => [key, 0]))).keys()]
  expect(names('features.denseblock1.denselayer2.norm.1.weight', 'features.norm0.weight')).toEqual([
    'features.denseblock1.denselayer2.norm1.weight',
    'features.norm0.weight',
  ])
  expect(names('module.model.features.0.weight', 'module.model.last_layer.weight')).toEqual([
    'features.0.weight',
    'classifier.6.weight',
  ])
  expect(names('attacker.model.fc.weight', 'attacker.normalize.new_mean')).toEqual(['fc.weight'])
  expect(() => names('fc.weight', 'module.fc.weight')).toThrow(/two weights called fc.weight/)
})
