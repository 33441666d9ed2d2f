// A chapter of a study over answers that are made up, so that what it says of them can be held against the truth.

import type { Classifier } from '../../src/classifier/classifier.ts'
import type { ConceptDataset } from '../../src/data/concepts.ts'
import { Answers } from '../../src/study/answers.ts'
import { biasesOf } from '../../src/study/bias.ts'
import type { Asked, Chapter } from '../../src/study/chapter.ts'
import { findingsFrom, type Verdict } from '../../src/study/claim.ts'
import { pairOf, type Role } from '../../src/study/pair.ts'
import { poolFindings, type SeedRun } from '../../src/study/seeds.ts'
import { float32 } from '../../src/tensor/tensor.ts'
import { memoryDataset } from './memory-dataset.ts'
import { stubClassifier } from './stub-classifier.ts'
import { names, pairConfig } from './study-config.ts'

const size = 16

/** What a network answers to the probe of this name. */
export type Plant = (role: Role, probe: string, label: string) => unknown

/** The chapter as planned, and its tasks' answers. `evidence` as in a study's first seed. */
export function planted<S, C, U>(chapter: Chapter<S, C, U>, given: object, plant: Plant, evidence = false) {
  const images = memoryDataset(
    'images',
    float32([1, 3, size, size], new Float32Array(3 * size * size)),
    Int32Array.of(0),
    2,
  )
  const concepts: ConceptDataset = {
    ...{ name: 'masks', size: 1, fingerprint: 'masks' },
    categories: ['color', 'object', 'texture'],
    concepts: [],
    async *batches() {},
  }
  const asked: Asked = {
    ...{ config: pairConfig, names, evidence },
    models: pairOf(networkOf),
    data: { images, cueConflict: { ...images, textures: Int32Array.of(1) }, concepts, note: '' },
    layers: ['conv1', 'conv2'],
    encodePng: async () => new Uint8Array(),
    encodeWebp: async () => new Uint8Array(),
    ask: (label, probe) =>
      pairOf(role => ({
        label: `${label}: ${names[role]}`,
        identity: {
          probe: probe.name,
          version: 1,
          options: probe.options,
          models: { model: role },
          data: [],
          seed: 0,
        },
        schema: probe.schema,
        run: () => Promise.reject(new Error('not run')),
      })),
  }
  const settings = chapter.settings?.parse(given)
  const plan = chapter.plan(asked, settings as C)
  if (plan === undefined) throw new Error('the chapter did not plan')
  const answers = new Answers(
    plan.tasks.map(task => {
      const [, label = '', name] = /^(.*): (S|R)$/.exec(task.label) ?? []
      const role = name === 'S' ? 'standard' : 'robust'
      return { task, hash: task.label, outcome: { result: plant(role, task.identity.probe, label) } }
    }),
  )
  return { plan, answers, summary: chapter.schema.parse(plan.summarise(answers)) }
}

/** What the chapter's claims come to, by id. */
export function findingsOf<S, C, U>(chapter: Chapter<S, C, U>, given: object, plant: Plant) {
  const { summary } = planted(chapter, given, plant)
  const found = findingsFrom(chapter.claims?.(summary, names) ?? [])
  return Object.fromEntries(found.map(finding => [finding.id, finding]))
}

/** The same over seeds of training, one plant each, and the verdicts on the biases. */
export function pooledOf<S, C, U>(chapter: Chapter<S, C, U>, given: object, plants: readonly Plant[]) {
  const runs = plants.map((plant, seed): SeedRun => {
    const model = { source: String(seed), fingerprint: String(seed) }
    return {
      seed,
      models: { standard: model, robust: model },
      findings: Object.values(findingsOf(chapter, given, plant)),
    }
  })
  const pooled = poolFindings(runs, names)
  return {
    findings: Object.fromEntries(pooled.map(finding => [finding.id, finding])),
    biases: Object.fromEntries(
      biasesOf(pooled, names).map(({ bias, verdict }) => [bias, verdict]),
    ) as Partial<Record<string, Verdict>>,
  }
}

/** Chapters look at the network's name and image size alone. */
function networkOf(role: Role): Classifier {
  const stub = stubClassifier(['0', '1'], size, () => [1, 0])
  return Object.create(stub, { fingerprint: { value: `${role} network` } })
}
