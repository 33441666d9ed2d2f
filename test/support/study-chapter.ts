// One chapter of a study by itself: planned for two networks, its tasks run, what it says of them.

import type { Classifier } from '../../src/classifier/classifier.ts'
import type { Dataset } from '../../src/data/dataset.ts'
import { Answers } from '../../src/study/answers.ts'
import { type Asked, asking, type Chapter } from '../../src/study/chapter.ts'
import type { Ledger } from '../../src/study/ledger.ts'
import { type PairOf, pairOf } from '../../src/study/pair.ts'
import type { Picture } from '../../src/study/picture.ts'
import { runTasks } from '../../src/study/run.ts'
import type { Outcome } from '../../src/study/task.ts'
import { names, pairConfig } from './study-config.ts'

/** What a chapter plans with: `images` alone, pictures as empty files. */
export function askedOf(models: PairOf<Classifier>, images: Dataset, layers: readonly string[]): Asked {
  const encode = () => Promise.resolve(new Uint8Array())
  return {
    config: pairConfig,
    models,
    names,
    data: { images, note: '' },
    layers,
    evidence: true,
    encodePng: encode,
    encodeWebp: encode,
    ask: asking(models, names, pairConfig.seed),
  }
}

/** Runs the chapter; what it says must have the form that it declares. */
export async function runPlanned<S, C, U>(chapter: Chapter<S, C, U>, asked: Asked, settings: C) {
  const planned = chapter.plan(asked, settings)
  if (planned === undefined) throw new Error('the chapter did not plan')
  const kept = new Map<string, Outcome<unknown>>()
  const ledger: Ledger = {
    get: async <R>(hash: string) => kept.get(hash) as Outcome<R> | undefined,
    put: async (hash, _, outcome) => void kept.set(hash, outcome),
  }
  const answers = new Answers((await runTasks(planned.tasks, ledger)).finished)
  return {
    summary: chapter.schema.parse(planned.summarise(answers)),
    units: pairOf(role => planned.units?.(answers, role) ?? []),
    pictures: ({ task, name }: Picture) => kept.get(task)?.pictures?.[name] ?? new Uint8Array(),
  }
}
