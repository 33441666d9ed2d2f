import { describe, expect, test } from 'vitest'
import { emoji16 } from '../../../src/data/emoji16/emoji16.node.ts'
import { exchangedBackgrounds, figureSilhouettes } from '../../../src/data/emoji16/figures.ts'
import { accuracyOf } from '../../../src/probe/accuracy.ts'
import { mcnemar } from '../../../src/probe/significance.ts'
import { distortions } from '../../../src/study/chapters/distortions.ts'
import type { Role } from '../../../src/study/pair.ts'
import { planted } from '../../support/planted-answers.ts'

const names = Array.from({ length: 200 }, (_, i) => `image ${i}`)

/** The chapter over answers that are made up: `right` says under each condition which images a network decides right. */
function summary(right: (label: string, role: Role, image: number) => boolean) {
  const {
    plan,
    answers,
    summary: found,
  } = planted(distortions, { stylised: 0 }, (role, _, label) => {
    const decisions = names.map((_name, i) => (right(label, role, i) ? 0 : 1))
    return accuracyOf({ names, labels: names.map(() => 0), decisions }, ['0', '1'])
  })
  return { summary: found, files: plan.files?.(answers) ?? {} }
}

describe('out of distribution', () => {
  // S is wrong on the first twenty images, R on the last forty: both are right on 140.
  const clean = (role: Role, i: number) => (role === 'standard' ? i >= 20 : i < 160)

  test('is asked of the images that both networks classify correctly alone', () => {
    const { summary: found, files } = summary((label, role, i) => {
      if (label === 'clean') return clean(role, i)
      // Outside of the set R is always right, inside S alone is on fifty.
      if (!clean('standard', i) || !clean('robust', i)) return role === 'robust'
      return role === 'standard' && i < 70
    })
    expect([found.both, found.of]).toEqual([140, 200])
    for (const row of found.rows) {
      expect([row.images, row.standard.value, row.robust.value]).toEqual([140, 50 / 140, 0])
      expect(row.difference.difference.value).toBeCloseTo(-50 / 140, 12)
      expect(row.difference.p).toBe(mcnemar(0, 50))
      expect(row.corrected).toBeCloseTo(Math.min(1, found.rows.length * mcnemar(0, 50)), 20)
      expect(row.ahead).toBe('standard')
    }
    expect(files).toEqual({ 'both-right.txt': `${names.slice(20, 160).join('\n')}\n` })
  })

  test('claims nothing where nobody is ahead, and what the tests say elsewhere', () => {
    const { summary: found } = summary((label, role, i) =>
      label === 'clean' ? true : label === 'quarters exchanged' ? i % 2 === 0 : role === 'robust' || i < 100,
    )
    expect(found.rows.map(({ id, ahead }) => [id, ahead])).toEqual([
      ['black-and-white', 'robust'],
      ['scrambled', 'neither'],
    ])
    const claims = distortions.claims!(found, { standard: 'S', robust: 'R' })
    expect(claims.map(({ id, difference }) => [id, difference!.p < 0.05])).toEqual([
      ['ood-texture', true],
      ['ood-shape', false],
    ])
  })
})

describe('figures of the embedded images', () => {
  test('stand alone under the same names, and on backgrounds of other classes', async () => {
    const set = await emoji16({ split: 'clean', size: 32 })
    const [masks, exchanged] = [figureSilhouettes(set), exchangedBackgrounds(set)]
    const first = async (data: typeof masks) => {
      for await (const batch of data.batches({ batchSize: 8, limit: 8 })) return batch
      throw new Error('no batch')
    }
    const [own, white, moved] = [await first(set), await first(masks), await first(exchanged)]
    expect(white.names).toEqual(own.names)
    expect([...white.labels]).toEqual([...own.labels])
    const area = 32 * 32
    for (let i = 0; i < 8; i++) {
      expect(exchanged.textures[i]).not.toBe(exchanged.classes.indexOf(set.classes[own.labels[i]!]!))
      for (let k = 0; k < area; k++) {
        const figure = set.figures[i * area + k] === 1
        expect(white.images.data[i * 3 * area + k]).toBe(figure ? 1 : 0)
        if (figure) expect(moved.images.data[i * 3 * area + k]).toBe(own.images.data[i * 3 * area + k])
      }
    }
    expect(masks.fingerprint).not.toBe(set.fingerprint)
  })
})
