// A sweep from its config to its files: trains every network that is not trained yet, measures what is not measured
// yet, and writes sweep.json and sweep.csv into its folder.
//
//   networks/<name>/   one run of `silhouette train` each
//   ledger/            finished measurements
//   sweep.json, sweep.csv, report.html

import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createClassifier } from '../classifier/create.ts'
import { loadClassifier } from '../classifier/load.node.ts'
import { emoji16ConceptDataset } from '../data/emoji16/concepts.ts'
import { emoji16 } from '../data/emoji16/emoji16.node.ts'
import { writeFileAtomic } from '../files/atomic.node.ts'
import { type Progress, silent } from '../progress/progress.ts'
import type { Runtime } from '../runtime/session.ts'
import { fileLedger } from '../study/ledger.node.ts'
import { runTasks } from '../study/run.ts'
import { openStudyData } from '../study/study-data.node.ts'
import type { Task } from '../study/task.ts'
import { Random } from '../tensor/random.ts'
import { elementCount } from '../tensor/shape.ts'
import { openTrainingData } from '../train/data.node.ts'
import { shapeOf } from '../train/recipe.ts'
import { type FinishedRun, trainInFolder } from '../train/run.node.ts'
import { buildNetwork } from '../zoo/architectures.ts'
import { type Member, membersOf, type SweepConfig } from './config.ts'
import { measureTasks } from './measure.ts'
import { SweepResult, type SweepRow, sweepCsv } from './result.ts'

export interface SweepOptions {
  readonly config: SweepConfig
  /** How errors call the config. */
  readonly what: string
  /** The folder that paths of the config are seen from. */
  readonly base: string
  /** The sweep's folder; made when absent, gone on with when a sweep was stopped in it. */
  readonly out: string
  readonly runtime: Runtime
  readonly versions: Readonly<Record<string, string>>
  readonly progress?: Progress
  readonly signal?: AbortSignal
}

/** Paths in a sweep's folder. */
export function sweepFiles(folder: string) {
  return {
    network: (name: string) => join(folder, 'networks', name),
    ledger: join(folder, 'ledger'),
    result: join(folder, 'sweep.json'),
    table: join(folder, 'sweep.csv'),
    report: join(folder, 'report.html'),
  }
}

/**
 * Runs a sweep. Stopped at any point and called again, it repeats no finished epoch and no finished measurement.
 * After every network it writes what is known so far.
 * @throws InputError when a recipe or the data cannot be used; the signal's reason when it fires.
 */
export async function runSweep(options: SweepOptions): Promise<SweepResult> {
  const { config, what, base, out, versions, progress = silent } = options
  const members = membersOf(config, what).map(member => withPaths(member, base))
  const files = sweepFiles(out)
  const { norm, epsilon, steps } = config.measure
  const rows: SweepRow[] = []
  let images = { clean: 0, attacked: 0, autoAttacked: 0, cueConflict: 0 }
  for (const [i, member] of members.entries()) {
    const labelled: Progress = {
      start: (label, total, unit) =>
        progress.start(`${i + 1}/${members.length} ${member.name}: ${label}`, total, unit),
    }
    const found = await rowOf(member, { ...options, progress: labelled })
    rows.push(found.row)
    images = found.images
    const result = { format: 1, name: config.name, measure: { norm, epsilon, steps }, images, rows, versions }
    const checked = SweepResult.parse(result)
    writeFileAtomic(files.result, `${JSON.stringify(checked, undefined, 2)}\n`)
    writeFileAtomic(files.table, sweepCsv(checked))
  }
  return SweepResult.parse(JSON.parse(readFileSync(files.result, 'utf8')))
}

/** With the paths of its data seen from the config. */
function withPaths({ recipe, ...member }: Member, base: string): Member {
  const { data, validation } = recipe
  return {
    ...member,
    recipe: {
      ...recipe,
      data: data === 'emoji16' ? data : resolve(base, data),
      ...(validation !== undefined && { validation: resolve(base, validation) }),
    },
  }
}

type Found = { row: SweepRow; images: SweepResult['images'] }

/** Trains and measures one network, as far as that is still to be done. */
async function rowOf(member: Member, options: SweepOptions & { progress: Progress }): Promise<Found> {
  const { config, base, out, runtime, progress, signal } = options
  const { recipe } = member
  const folder = sweepFiles(out).network(member.name)
  const { data: training, validation } = await openTrainingData(recipe, {
    progress,
    ...(signal && { signal }),
  })
  const run = await trainInFolder({
    recipe,
    data: training,
    validation,
    runtime,
    out: folder,
    progress,
    signal,
  })
  const model = await loadClassifier(folder, runtime)
  const untrained = await createClassifier({
    ...buildNetwork(recipe.arch, {
      classes: model.classes.length,
      size: model.preprocessing.size[0],
      random: new Random(recipe.seed).fork('weights'),
      ...shapeOf(recipe),
    }),
    name: `${member.name} untrained`,
    classes: model.classes,
    runtime,
  })
  try {
    const { limit, simplicity } = config.measure
    const data = await openStudyData({ data: config.data, limit }, model, { base, progress, signal })
    const concepts =
      simplicity && config.data.kind === 'emoji16'
        ? emoji16ConceptDataset(
            await emoji16({ split: 'dissection', size: model.preprocessing.size[0], progress }),
          )
        : undefined
    const tasks = measureTasks(
      { name: member.name, model, untrained, data, training, ...(concepts && { concepts: await concepts }) },
      config,
    )
    const { finished } = await runTasks(Object.values(tasks), fileLedger(sweepFiles(out).ledger), {
      progress,
      ...(signal && { signal }),
    })
    const answer = <R>(task: Task<R>): R =>
      task.schema.parse(finished.find(one => one.task === task)!.outcome.result)
    return {
      row: rowFrom(member, run, tasks, answer, folder),
      images: {
        clean: answer(tasks.clean).images,
        attacked: answer(tasks.robust).images,
        autoAttacked: tasks.autoAttack ? answer(tasks.autoAttack).images : 0,
        cueConflict: tasks.shapeBias ? answer(tasks.shapeBias).images : 0,
      },
    }
  } finally {
    await model.dispose()
    await untrained.dispose()
  }
}

function rowFrom(
  { name, group, scheme, recipe }: Member,
  { network, state, stopped }: FinishedRun,
  tasks: ReturnType<typeof measureTasks>,
  answer: <R>(task: Task<R>) => R,
  folder: string,
): SweepRow {
  const variation = tasks.smoothness && answer(tasks.smoothness)
  const concepts = tasks.dissection && answer(tasks.dissection)
  const diverse = tasks.diversity && answer(tasks.diversity)
  const similarities = diverse?.layers.flatMap(layer => layer.similarity?.value ?? []) ?? []
  return {
    name,
    group,
    ...(scheme && { scheme }),
    recipe,
    parameters: network.parameters.reduce(
      (sum, parameter) => sum + elementCount(network.graph.initializers.get(parameter)!.shape),
      0,
    ),
    epochs: state.log.length,
    ...(stopped !== undefined && { stopped }),
    secondsPerEpoch: secondsPerEpoch(join(folder, 'times.csv')),
    clean: answer(tasks.clean).accuracy,
    robust: answer(tasks.robust).accuracy,
    autoAttack: tasks.autoAttack ? answer(tasks.autoAttack).accuracy : null,
    shapeBias: tasks.shapeBias ? answer(tasks.shapeBias).shapeBias : null,
    smoothness: variation
      ? { first: variation.layers[0]!.unitNorm, network: variation.network.unitNorm }
      : null,
    detectors: concepts
      ? {
          units: concepts.layers.reduce((sum, layer) => sum + layer.units.length, 0),
          categories: (concepts.layers[0]?.categories ?? []).map(({ category }, c) => ({
            category,
            detectors: concepts.layers.reduce((sum, layer) => sum + layer.categories[c]!.detectors, 0),
          })),
        }
      : null,
    similarity:
      similarities.length > 0 ? similarities.reduce((a, b) => a + b, 0) / similarities.length : null,
    naswot: answer(tasks.naswot).score,
  }
}

/** The median: an epoch during which the machine did something else does not count. */
function secondsPerEpoch(path: string): number | null {
  if (!existsSync(path)) return null
  const [, ...rows] = readFileSync(path, 'utf8').trim().split('\n')
  const seconds = rows.map(row => Number(row.split(',')[1])).sort((a, b) => a - b)
  return seconds[Math.floor(seconds.length / 2)] ?? null
}
