// An audit from a model's path to its files: opens model and data, runs what is not done yet, and writes audit.json
// and images.csv into the run folder. Scorecard, page and the files for builds are made from these.

import { join } from 'node:path'
import { classifierOf, readModel } from '../classifier/load.node.ts'
import type { Manifest } from '../classifier/manifest.ts'
import { writeFileAtomic } from '../files/atomic.node.ts'
import { type Progress, silent } from '../progress/progress.ts'
import type { Runtime } from '../runtime/session.ts'
import { Answers, decisionsCsv, runTasks } from '../study/index.ts'
import { fileLedger } from '../study/ledger.node.ts'
import { openWorkers, workerModule } from '../study/workers.node.ts'
import { Audit } from './audit.ts'
import { type AuditSources, openAuditData } from './audit-data.node.ts'
import { dataSets } from './audit-data.ts'
import { planAudit } from './plan.ts'
import type { AuditSettings } from './settings.ts'
import { requireMeasures, type Threshold } from './thresholds.ts'
import type { AuditOpening } from './worker.node.ts'

export interface AuditOptions {
  /** Path of the model, and what its files do not say of it. */
  readonly model: string
  readonly manifest?: Manifest
  readonly data: AuditSources
  readonly settings: AuditSettings
  /** Refused before anything is measured when there will be no such measure. */
  readonly thresholds?: readonly Threshold[]
  /** The run folder; made when absent, gone on with when an audit was stopped in it. */
  readonly out: string
  readonly runtime: Runtime
  /** How many tasks are done side by side, each in a process of its own on one core. Default 1: here. */
  readonly workers?: number
  /** Versions worth recording, by name. */
  readonly versions: Readonly<Record<string, string>>
  readonly progress?: Progress
  readonly signal?: AbortSignal
}

/** Paths in the run folder of an audit. */
export function auditFiles(folder: string) {
  return {
    ledger: join(folder, 'ledger'),
    audit: join(folder, 'audit.json'),
    /** Every decision about every image, in the form of a study's. */
    images: join(folder, 'images.csv'),
    page: join(folder, 'audit.html'),
    junit: join(folder, 'junit.xml'),
    markdown: join(folder, 'audit.md'),
  }
}

/**
 * Runs an audit. Stopped at any point and called again, it repeats no finished task and writes the same files.
 * @returns the audit, and how many of its tasks were run now
 * @throws InputError when model or data cannot be used or a threshold has no measure; the signal's reason when it fires
 */
export async function runAudit(options: AuditOptions): Promise<{ audit: Audit; tasks: number; ran: number }> {
  const { settings, out, versions, workers: count = 1, progress = silent, signal, thresholds = [] } = options
  const files = auditFiles(out)
  const { model: path, manifest = {} } = options
  const file = readModel(path, manifest)
  const model = await classifierOf(file, options.runtime)
  try {
    const { sample, seed } = settings
    const data = await openAuditData(model, { ...options.data, sample, seed, progress, signal })
    const plan = planAudit({ model, original: file, data, settings })
    requireMeasures(thresholds, plan.measures)
    const opening: AuditOpening = { model: path, manifest, data: options.data, settings }
    const module = workerModule('worker.node', import.meta.url)
    const workers = count > 1 ? openWorkers(count, module, opening, plan.tasks) : undefined
    const { finished, ran } = await runTasks(plan.tasks, fileLedger(files.ledger), {
      progress,
      ...(signal && { signal }),
      ...(workers && { lanes: workers.lanes }),
    }).finally(() => workers?.close())
    const answers = new Answers(finished)
    const audit = Audit.parse({
      format: 1,
      model: {
        name: model.name,
        fingerprint: model.fingerprint,
        source: path,
        classes: model.classes.length,
      },
      data: dataSets(data).map(({ name, size, fingerprint }) => ({ name, images: size, fingerprint })),
      note: data.note,
      settings,
      ...plan.summarise(answers),
      versions,
    })
    writeFileAtomic(files.images, decisionsCsv([{ model: model.name, sets: plan.decisions(answers) }]))
    writeFileAtomic(files.audit, `${JSON.stringify(audit, undefined, 2)}\n`)
    return { audit, tasks: plan.tasks.length, ran }
  } finally {
    await model.dispose()
  }
}
