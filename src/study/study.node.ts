// A study from its config to its files: opens (or trains) the networks, opens the data, runs what is not done
// yet, and writes study.json, units.json and images.csv into the run folder.

import { join } from 'node:path'
import { writeFileAtomic } from '../files/atomic.node.ts'
import { encodePng, encodeWebp } from '../image/codec.node.ts'
import { type Progress, silent } from '../progress/progress.ts'
import { Answers } from './answers.ts'
import { biasesOf } from './bias.ts'
import type { Summary } from './chapters.ts'
import { headline } from './claim.ts'
import { fileLedger } from './ledger.node.ts'
import { type PairOf, pairOf } from './pair.ts'
import { perImageCsv } from './per-image.ts'
import { findingsOf, namesOf, type Plan, planStudy, summarise } from './plan.ts'
import { type FinishedTask, runTasks } from './run.ts'
import { runFiles } from './run-files.node.ts'
import { poolFindings, type SeedRun } from './seeds.ts'
import { Study } from './study.ts'
import { openStudyData } from './study-data.node.ts'
import type { StudyData } from './study-data.ts'
import type { OpenedModel } from './study-model.node.ts'
import { type PairOptions, trainingSeed, withPair } from './study-pair.node.ts'
import { studiedUnits } from './units.ts'
import type { StudyOpening } from './worker.node.ts'
import { openWorkers, workerModule } from './workers.node.ts'

export interface StudyOptions extends PairOptions {
  /** Versions worth recording, by name. */
  readonly versions: Readonly<Record<string, string>>
  /** How many tasks are done side by side, each in a process of its own on one core. Default 1: here. */
  readonly workers?: number
}

export interface StudyOutcome {
  readonly study: Study
  /** Tasks run now; the others had been finished before. */
  readonly ran: number
  /** Seconds that they took, by chapter; side by side, chapters may add up to more than the whole. */
  readonly seconds: Readonly<Record<string, number>>
}

/**
 * Runs a study. Stopped at any point and called again, it repeats no finished task and writes the same files.
 * @throws InputError when a model or the data cannot be used; the signal's reason when it fires.
 */
export async function runStudy(options: StudyOptions): Promise<StudyOutcome> {
  const { config, out, versions } = options
  const files = runFiles(out)
  const names = namesOf(config)
  const [first, ...others] = await measurePairs(options)
  const { data, plan, answers, models } = first
  const findings = findingsOf(first.summary, names)
  const runs = [first, ...others].map(
    (pair, number): SeedRun => ({
      seed: trainingSeed(config, number),
      models: pairOf(role => pair.models[role]),
      findings: findingsOf(pair.summary, names),
    }),
  )
  const seeds = others.length > 0 ? { runs, findings: poolFindings(runs, names) } : undefined
  const told = seeds?.findings ?? findings
  const sets = [data.images, data.shapeOnly, data.textureOnly, data.cueConflict, data.concepts]
  const study = Study.parse({
    format: 2,
    name: config.name,
    seed: config.seed,
    headline: headline(told, names),
    findings,
    biases: biasesOf(told, names),
    ...(seeds && { seeds }),
    summary: first.summary,
    models,
    data: sets.flatMap(set =>
      set === undefined ? [] : [{ name: set.name, images: set.size, fingerprint: set.fingerprint }],
    ),
    note: data.note,
    config,
    versions,
    tasks: distinctTasks([first, ...others].flatMap(({ finished }) => finished)),
  })
  writeFileAtomic(files.images, perImageCsv(plan, names, answers))
  for (const { chapter } of plan.chapters) {
    for (const [name, text] of Object.entries(chapter.files?.(answers) ?? {}))
      writeFileAtomic(join(out, name), text)
  }
  writeFileAtomic(files.units, `${JSON.stringify(studiedUnits(plan, answers))}\n`)
  writeFileAtomic(files.study, `${JSON.stringify(study, undefined, 2)}\n`)
  const pairs = [first, ...others]
  return { study, ran: pairs.reduce((sum, pair) => sum + pair.ran, 0), seconds: secondsOf(pairs) }
}

function secondsOf(pairs: readonly Measured[]): Record<string, number> {
  const spent = pairs.flatMap(({ plan, finished }) => {
    const byTask = new Map(finished.map(({ task, seconds = 0 }) => [task, seconds]))
    return plan.chapters.map(({ key, chapter: { tasks } }) => ({
      key,
      seconds: tasks.reduce((sum, task) => sum + (byTask.get(task) ?? 0), 0),
    }))
  })
  const total = (chapter: string) =>
    spent.reduce((sum, { key, seconds }) => sum + (key === chapter ? seconds : 0), 0)
  return Object.fromEntries(spent.map(({ key }) => [key, Number(total(key).toFixed(1))]))
}

/** Chapters may ask the same thing: it is one task, done once, under its first label. */
function distinctTasks(finished: readonly FinishedTask[]): Study['tasks'] {
  const byHash = new Map<string, Study['tasks'][number]>()
  for (const { task, hash } of finished) {
    if (!byHash.has(hash)) byHash.set(hash, { task: hash, label: task.label, identity: task.identity })
  }
  return [...byHash.values()]
}

/** What one pair of networks gave. */
interface Measured {
  readonly models: PairOf<OpenedModel['facts']>
  readonly data: StudyData
  readonly plan: Plan
  readonly answers: Answers
  readonly summary: Summary
  readonly finished: readonly FinishedTask[]
  readonly ran: number
}

/** The pairs of all seeds, one after the other; the first of them with pictures. */
async function measurePairs(options: StudyOptions): Promise<[Measured, ...Measured[]]> {
  const measured: [Measured, ...Measured[]] = [await measurePair(0, options)]
  for (let number = 1; number < options.config.seeds; number++) {
    measured.push(await measurePair(number, options))
  }
  return measured
}

function measurePair(number: number, options: StudyOptions): Promise<Measured> {
  const { config, base, out, workers: count = 1, progress = silent, signal } = options
  return withPair(number, options, async opened => {
    const models = pairOf(role => opened[role].classifier)
    const data = await openStudyData(config, models.standard, { base, progress, signal })
    const evidence = number === 0
    const plan = planStudy({ config, models, data, encodePng, encodeWebp, evidence })
    const labelled: Progress = {
      start: (label, total, unit) =>
        progress.start(number === 0 ? label : `seed ${trainingSeed(config, number)}, ${label}`, total, unit),
    }
    const paths = pairOf(role => opened[role].path)
    const opening: StudyOpening = { config, base, paths, evidence }
    const module = workerModule('worker.node', import.meta.url)
    const workers = count > 1 ? openWorkers(count, module, opening, plan.tasks) : undefined
    const ledger = fileLedger(runFiles(out).ledger)
    const { finished, ran } = await runTasks(plan.tasks, ledger, {
      progress: labelled,
      ...(signal && { signal }),
      ...(workers && { lanes: workers.lanes }),
    }).finally(() => workers?.close())
    const answers = new Answers(finished)
    const facts = pairOf(role => opened[role].facts)
    return { models: facts, data, plan, answers, summary: summarise(plan, answers), finished, ran }
  })
}
