import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  imagenetNames,
  imagenetWnids,
  sixteenCategories,
  sixteenDecisions,
  sixteenIndices,
  sixteenScores,
} from '../../../src/data/imagenet.ts'
import { InputError } from '../../../src/errors/input-error.ts'
import { float32 } from '../../../src/tensor/tensor.ts'

describe('the classes of ImageNet', () => {
  it('are 1,000, by ascending WordNet id, with the names people quote at their places', () => {
    expect(imagenetWnids).toHaveLength(1000)
    expect(new Set(imagenetNames).size).toBe(1000)
    expect([...imagenetWnids].sort()).toEqual(imagenetWnids)
    const at = (i: number) => `${imagenetWnids[i]} ${imagenetNames[i]}`
    expect([0, 281, 999].map(at)).toEqual(['n01440764 tench', 'n02123045 tabby', 'n15075141 toilet tissue'])
  })
})

describe('the sixteen categories', () => {
  it('cover 207 classes, each once', () => {
    expect(sixteenCategories).toHaveLength(16)
    expect([...sixteenCategories].sort()).toEqual(sixteenCategories)
    const all = sixteenIndices.flatMap(indices => [...indices])
    expect(all).toHaveLength(207)
    expect(new Set(all).size).toBe(207)
    const names = (category: string) =>
      Array.from(sixteenIndices[sixteenCategories.indexOf(category)]!, i => imagenetNames[i])
    expect(names('airplane')).toEqual(['airliner'])
    expect(names('elephant')).toEqual(['Indian elephant', 'African elephant'])
    expect(names('dog')).toHaveLength(109)
  })

  it('decides as model-vs-human does', () => {
    const { decisions } = z
      .object({ decisions: z.array(z.string()) })
      .parse(JSON.parse(readFileSync('test/fixtures/data/sixteen.json', 'utf8')))
    const data = new Float32Array(64_000)
    for (let i = 0; i < 64; i++) {
      for (let j = 0; j < 1000; j++) data[i * 1000 + j] = 6 * Math.sin(i * 12.9898 + j * 78.233 + i * j)
    }
    const found = sixteenDecisions(float32([64, 1000], data))
    expect(Array.from(found, k => sixteenCategories[k])).toEqual(decisions)
    expect(new Set(decisions).size).toBeGreaterThan(8)
  })

  it('takes the mean over a category, not the sum', () => {
    const logits = new Float32Array(1000)
    const [knife, dog] = ['knife', 'dog'].map(c => sixteenCategories.indexOf(c)) as [number, number]
    logits[sixteenIndices[knife]![0]!] = 0.5
    const scores = sixteenScores(float32([1, 1000], logits)).data
    expect(scores[knife]! / scores[dog]!).toBeCloseTo(Math.exp(0.5), 5)
    expect(sixteenDecisions(float32([1, 1000], logits))[0]).toBe(knife)
  })

  it('stays finite for large logits', () => {
    const logits = new Float32Array(1000).fill(-1000)
    logits[404] = 1000
    expect(sixteenScores(float32([1, 1000], logits)).data[0]).toBe(1)
  })

  it('refuses other numbers of classes', () => {
    expect(() => sixteenScores(float32([1, 16], new Float32Array(16)))).toThrow(InputError)
  })
})
