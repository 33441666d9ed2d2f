// Model files on disk, weights beside them included.

import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readOnnxFile, writeOnnxFile } from '../../../src/onnx/file.node.ts'
import type { Graph } from '../../../src/onnx/graph.ts'
import { readOnnx } from '../../../src/onnx/read.ts'
import { writeOnnx } from '../../../src/onnx/write.ts'
import { float32 } from '../../../src/tensor/tensor.ts'

const fixture = 'test/fixtures/onnx/external'
const inline = 'test/fixtures/onnx/transformer-dynamo-23.onnx'
const folder = () => mkdtempSync(join(tmpdir(), 'silhouette-onnx-'))

test('external weights equal those of the same model with everything inside', () => {
  expect(readOnnxFile(`${fixture}/model.onnx`)).toEqual(readOnnxFile(inline))
})

test('a model that was written is read back', () => {
  const path = join(folder(), 'new', 'model.onnx')
  const graph = readOnnxFile(inline)
  writeOnnxFile(path, graph)
  expect(readOnnxFile(path)).toEqual(graph)
})

test('weights in a second file are found again', () => {
  const path = join(folder(), 'model.onnx')
  const graph = readOnnxFile(inline)
  const big = float32(
    [3, 500],
    Float32Array.from({ length: 1500 }, (_, i) => i),
  )
  const large = { ...graph, initializers: new Map([...graph.initializers, ['big', big]]) }
  writeOnnxFile(path, large, { split: true })
  expect(statSync(`${path}.data`).size).toBeGreaterThanOrEqual(6000)
  expect(readOnnxFile(path)).toEqual(large)
})

describe('refuses', () => {
  test('a missing file, a folder, a truncated model, by name', () => {
    const place = folder()
    expect(() => readOnnxFile(join(place, 'none.onnx'))).toThrow(/^cannot read .*none\.onnx: no such file$/)
    expect(() => readOnnxFile(place)).toThrow(/it is a folder, expected a file$/)
    const path = join(place, 'cut.onnx')
    writeFileSync(path, readFileSync(inline).subarray(0, 1000))
    expect(() => readOnnxFile(path)).toThrow(/cut\.onnx: not a valid ONNX file: it is truncated/)
  })

  test('weights that are missing or truncated', () => {
    const place = folder()
    copyFileSync(`${fixture}/model.onnx`, join(place, 'model.onnx'))
    expect(() => readOnnxFile(join(place, 'model.onnx'))).toThrow(
      /cannot read the external data file weights\.data: no such file$/,
    )
    copyFileSync(`${fixture}/weights.data`, join(place, 'weights.data'))
    truncateSync(join(place, 'weights.data'), 100)
    expect(() => readOnnxFile(join(place, 'model.onnx'))).toThrow(
      /weights\.data is truncated: it has 100 bytes/,
    )
  })

  test('external weights without a path to look in', () => {
    expect(() => readOnnx(readFileSync(`${fixture}/model.onnx`))).toThrow(
      /lies in the file weights\.data: open the model by its path/,
    )
  })

  const outside = (location: string): Graph => {
    const graph: Graph = {
      name: 'thief',
      inputs: [],
      outputs: [{ name: 'w', dtype: 'float32', shape: [1] }],
      nodes: [],
      initializers: new Map([['w', float32([1], [0])]]),
      opsets: new Map([['', 20]]),
      metadata: new Map(),
    }
    const place = folder()
    mkdirSync(join(place, 'inner'))
    writeFileSync(join(place, 'secret'), 'abcd')
    symlinkSync(join(place, 'secret'), join(place, 'inner', 'link'))
    const path = join(place, 'inner', 'model.onnx')
    writeFileSync(path, writeOnnx(graph, { external: () => ({ location, offset: 0 }) }))
    return readOnnxFile(path)
  }
  test.each(['../secret', 'sub/../../secret', '/etc/hostname', 'link', '', '..'])(
    'weights outside the model folder: %j',
    location => {
      expect(() => outside(location)).toThrow(/outside its own folder, which is refused/)
    },
  )
})
