import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../../src/study/config.ts'
import { defaultConfig } from '../../../src/study/default-config.ts'

const minimal = `
name: mine
models:
  standard: { name: plain, path: a.onnx }
  robust: { name: hardened, path: b.onnx }
data: { kind: folders, images: val }
`

describe('a config', () => {
  test('needs models and data; the rest has defaults', () => {
    const config = parseConfig(minimal, 'study.yaml')
    expect(config).toMatchObject({
      seed: 0,
      attack: { norm: 'L2', steps: 20, epsilon: 3, images: 320 },
      resamples: 2000,
      evidence: { samples: 12, examples: 4 },
    })
  })

  test.each([
    ['name: mine', /^study\.yaml: models: .*; data: /],
    [`${minimal}atack: {}`, 'study.yaml: unknown key atack'],
    [`${minimal}attack: { epsilons: 3 }`, 'study.yaml: unknown key attack.epsilons'],
    [`${minimal}attack: { epsilon: -1 }`, /^study\.yaml: attack\.epsilon: .*>0/],
    [`${minimal}attack: { norm: L3 }`, /^study\.yaml: attack\.norm: .*"L2"\|"Linf"/],
    [
      `${minimal}attack: { curve: [1, two] }`,
      /^study\.yaml: attack\.curve\.1: expected number, received string/,
    ],
    [`${minimal}seed: 1.5`, /^study\.yaml: seed: expected int/],
    [minimal.replace('name: mine', 'name: ../../etc'), /^study\.yaml: name: must be a word/],
    [
      minimal.replace('path: a.onnx', 'file: a.onnx'),
      /models\.standard\.path: .*; unknown key models\.standard\.file$/,
    ],
    [minimal.replace('kind: folders', 'kind: imagenet'), /^study\.yaml: data\.kind: /],
    [
      minimal.replace('path: b.onnx', 'path: b.onnx, train: { arch: mini-alex, data: d, epoch: 3 }'),
      'study.yaml: unknown key models.robust.train.epoch',
    ],
    [`${minimal}chapters: { shapeBia: {} }`, 'study.yaml: unknown key chapters.shapeBia'],
    [`${minimal}chapters: { accuracy: { limit: 3 } }`, 'study.yaml: unknown key chapters.accuracy.limit'],
    [`${minimal}chapters: { accuracy: true }`, /^study\.yaml: chapters\.accuracy: expected object/],
    ['name: [', /^study\.yaml is not YAML: .*at line 1/],
    ['', /^study\.yaml: expected object/],
    ['- 1', /^study\.yaml: expected object, received array/],
  ])('names what is wrong and where: %#', (text, message) => {
    expect(() => parseConfig(text, 'study.yaml')).toThrow(message)
    try {
      parseConfig(text, 'study.yaml')
    } catch (error) {
      expect(String(error)).not.toContain('\n')
    }
  })

  test('leaves out the chapters that it sets to false', () => {
    const { chapters } = parseConfig(`${minimal}chapters: { robustness: false }`, 'study.yaml')
    expect(chapters).toMatchObject({ robustness: false, accuracy: {} })
  })

  test('does not follow a bomb of aliases', () => {
    const bomb = Array.from({ length: 30 }, (_, i) => `a${i}: &a${i} [${i ? `*a${i - 1}, *a${i - 1}` : 1}]`)
    expect(() => parseConfig(bomb.join('\n'), 'study.yaml')).toThrow('study.yaml uses too many aliases')
  })

  test('the example in the repository is the default study', () => {
    const text = readFileSync('examples/emoji16.yaml', 'utf8')
    expect(parseConfig(text, 'examples/emoji16.yaml')).toEqual({
      ...defaultConfig,
      models: {
        standard: { ...defaultConfig.models.standard, path: '../checkpoints/s' },
        robust: { ...defaultConfig.models.robust, path: '../checkpoints/r' },
      },
    })
  })
})
