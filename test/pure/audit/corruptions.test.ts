import { describe, expect, test } from 'vitest'
import { corruptionPart } from '../../../src/audit/corruptions.ts'
import type { Ask } from '../../../src/audit/part.ts'
import { AuditSettings } from '../../../src/audit/settings.ts'
import { imagenetWnids } from '../../../src/data/imagenet.ts'
import { corruptionNames, severities } from '../../../src/distort/index.ts'
import { accuracy, accuracyOf, alexnetErrors, corruptionError } from '../../../src/probe/index.ts'
import { Answers, type Task } from '../../../src/study/index.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { memoryDataset } from '../../support/memory-dataset.ts'

const images = 40
const data = {
  ...memoryDataset(
    'pictures',
    float32([images, 3, 1, 1], new Float32Array(3 * images)),
    new Int32Array(images),
    2,
  ),
  classes: imagenetWnids.slice(0, 2),
}

/** Wrong on the first images only: under `fog 3` on as many as `errors` says of fog at 3. */
function found(outputs: readonly string[], chosen: readonly number[], errors: (label: string) => number) {
  const tasks: Task[] = []
  const ask: Ask = (label, probe) => {
    const task = { label, schema: probe.schema } as ReturnType<typeof ask>
    tasks.push(task as Task)
    return task as never
  }
  const sampled = ask('clean', accuracy({ data }))
  const settings = AuditSettings.parse({ severities: chosen, resamples: 200 })
  const part = corruptionPart(ask, data, { classes: outputs }, settings, sampled)
  const answers = new Answers(
    tasks.map(task => {
      const decisions = Array.from({ length: images }, (_, i) => (i < errors(task.label) ? 1 : 0))
      const names = decisions.map((_, i) => `${i}`)
      const result = accuracyOf({ names, labels: decisions.map(() => 0), decisions }, data.classes)
      return { task, hash: task.label, outcome: { result } }
    }),
  )
  return { part, measures: part.measures.map(({ of }) => of(answers)), rows: part.rows(answers) }
}

const errorsOf = (label: string) => (label === 'clean' ? 8 : 10 + (label.length % 7) + Number(label.at(-1)))

describe('the corruptions of an audit', () => {
  test("are related to AlexNet's errors where the classes are ImageNet's and all severities were asked about", () => {
    const { measures } = found(imagenetWnids, [1, 2, 3, 4, 5], errorsOf)
    expect(measures.map(({ id }) => id)).toEqual(['corruption-accuracy', 'mce', 'relative-mce'])
    const names = corruptionNames.slice(0, 15)
    const errors = Object.fromEntries(
      names.map(name => [name, severities.map(severity => errorsOf(`${name} ${severity}`) / images)]),
    )
    const { mce, relativeMce } = corruptionError(errors, 8 / images)
    expect(measures[1]!.value).toBeCloseTo(mce! / 100, 12)
    expect(measures[2]!.value).toBeCloseTo(relativeMce! / 100, 12)
    for (const measure of measures) {
      if (measure.value === null) throw new Error('measured')
      expect(measure.low).toBeLessThan(measure.value)
      expect(measure.high).toBeGreaterThan(measure.value)
      expect(measure.images).toBe(images)
    }
    // A network as bad as AlexNet, but for rounding to whole images.
    const alexnet = (label: string) =>
      Math.round(images * (alexnetErrors.corrupted[label.split(' ')[0]!] ?? alexnetErrors.clean))
    expect(found(imagenetWnids, [1, 2, 3, 4, 5], alexnet).measures[1]!.value).toBeCloseTo(1, 2)
  })

  test('are not certain where every image is wrong, or right', () => {
    const [wrong, right] = [images, 0].map(errors => {
      const { measures } = found(imagenetWnids, [1, 2, 3, 4, 5], () => errors)
      return measures
        .slice(1)
        .map(measure => (measure.value === null ? [] : [measure.low, measure.value, measure.high]))
    })
    const [low, value, high] = wrong![0]!
    expect(low).toBeLessThan(value!)
    expect(high).toBe(value)
    expect(right![0]!.slice(0, 2)).toEqual([0, 0])
    expect(right![0]![2]).toBeGreaterThan(0)
    for (const [relativeLow, relative, relativeHigh] of [wrong![1]!, right![1]!]) {
      expect(relative).toBeCloseTo(0, 12)
      expect(relativeLow).toBeLessThan(0)
      expect(relativeHigh).toBeGreaterThan(0)
    }
  })

  test.each([
    ['fewer severities', imagenetWnids, [1, 3, 5]],
    ['other classes', ['cat', 'dog'], [1, 2, 3, 4, 5]],
  ] as const)('are a mean accuracy alone with %s', (_, outputs, chosen) => {
    const { measures, rows } = found(outputs, chosen, errorsOf)
    expect(measures.map(({ id }) => id)).toEqual(['corruption-accuracy'])
    const all = rows.flatMap(row => row.severities.map(({ value }) => value))
    expect(all).toHaveLength(15 * chosen.length)
    expect(measures[0]!.value).toBeCloseTo(all.reduce((sum, value) => sum + value, 0) / all.length, 12)
  })
})
