// A sweep from its config to its files: trains every network that is not trained yet, measures what is not measured
// yet, and writes sweep.json and sweep.csv into its folder.
//
//   networks/<name>/   one run of `silhouette train` each
//   ledger/            finished measurements
//   sweep.json, sweep.csv, report.html

import { join } from 'node:path'
import { writeFileAtomic } from '../files/atomic.node.ts'
import { type Progress, silent } from '../progress/progress.ts'
import type { Runtime } from '../runtime/session.ts'
import type { Ledger } from '../study/ledger.ts'
import { runTasks } from '../study/run.ts'
import type { Outcome } from '../study/task.ts'
import { openWorkers, workerModule } from '../study/workers.node.ts'
import { Random } from '../tensor/random.ts'
import { compareSchemes } from './comparison.ts'
import type { SweepConfig } from './config.ts'
import { MeasuredMember, memberTasks } from './member.node.ts'
import { SweepResult, sweepCsv } from './result.ts'
import type { SweepOpening } from './worker.node.ts'

export interface SweepOptions {
  readonly config: SweepConfig
  /** How errors call the config. */
  readonly what: string
  /** The folder that paths of the config are seen from. */
  readonly base: string
  /** The sweep's folder; made when absent, gone on with when a sweep was stopped in it. */
  readonly out: string
  readonly runtime: Runtime
  /** How many networks are made side by side, each in a process of its own on one core. Default 1: here. */
  readonly workers?: number
  readonly versions: Readonly<Record<string, string>>
  readonly progress?: Progress
  readonly signal?: AbortSignal
}

/** Paths in a sweep's folder. */
export function sweepFiles(folder: string) {
  return {
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
  const {
    config,
    what,
    base,
    out,
    runtime,
    workers: count = 1,
    versions,
    progress = silent,
    signal,
  } = options
  const tasks = memberTasks({ config, what, base, out, runtime })
  const files = sweepFiles(out)
  const { norm, epsilon, steps } = config.measure
  const known = new Map<string, Outcome<unknown>>()
  const write = (members: readonly MeasuredMember[]): SweepResult => {
    const { images } = members[0]!
    const rows = members.map(({ row }) => row)
    const measure = { norm, epsilon, steps }
    const { name, reference, seed } = config
    const comparisons =
      reference === undefined ? [] : compareSchemes(members, reference, new Random(seed).fork('comparison'))
    const result = SweepResult.parse({ format: 1, name, measure, images, rows, comparisons, versions })
    writeFileAtomic(files.result, `${JSON.stringify(result, undefined, 2)}\n`)
    writeFileAtomic(files.table, sweepCsv(result))
    return result
  }
  // What is finished of a network lies in its folder and in the ledger of measurements; its row is made from them anew.
  const ledger: Ledger = {
    async get(hash, task) {
      const outcome = known.get(hash)
      return outcome && { ...outcome, result: task.schema.parse(outcome.result) }
    },
    async put(hash, _, outcome) {
      known.set(hash, outcome)
      write([...known.values()].map(({ result }) => MeasuredMember.parse(result)))
    },
  }
  const opening: SweepOpening = { config, what, base, out }
  const module = workerModule('worker.node', import.meta.url)
  const workers = count > 1 ? openWorkers(Math.min(count, tasks.length), module, opening, tasks) : undefined
  const { finished } = await runTasks(tasks, ledger, {
    progress,
    ...(signal && { signal }),
    ...(workers && { lanes: workers.lanes }),
  }).finally(() => workers?.close())
  return write(finished.map(({ outcome }) => MeasuredMember.parse(outcome.result)))
}
