// A study from its config to its files: opens (or trains) the networks, opens the data, runs what is not done
// yet, and writes study.json and images.csv into the run folder.

import { join } from 'node:path'
import { InputError } from '../errors/input-error.ts'
import { writeFileAtomic } from '../files/atomic.node.ts'
import { encodePng } from '../image/codec.node.ts'
import { type Progress, silent } from '../progress/progress.ts'
import type { Runtime } from '../runtime/session.ts'
import { Answers } from './answers.ts'
import { headline } from './claim.ts'
import type { StudyConfig } from './config.ts'
import { fileLedger } from './ledger.node.ts'
import type { Role } from './pair.ts'
import { perImageCsv } from './per-image.ts'
import { findingsOf, namesOf, planStudy, summarise } from './plan.ts'
import { runTasks } from './run.ts'
import { runFiles } from './run-files.node.ts'
import { Study } from './study.ts'
import { openStudyData } from './study-data.node.ts'
import { type OpenedModel, openStudyModel, trainStudyModel } from './study-model.node.ts'

export interface StudyOptions {
  readonly config: StudyConfig
  /** Makes a path of the config absolute. */
  readonly resolve: (path: string) => string
  /** The run folder; made when absent, gone on with when a study was stopped in it. */
  readonly out: string
  /** Train both networks from scratch, into the run folder, instead of opening those of the config. */
  readonly retrain?: boolean
  readonly runtime: Runtime
  /** Versions worth recording, by name. */
  readonly versions: Readonly<Record<string, string>>
  readonly progress?: Progress
  readonly signal?: AbortSignal
}

export interface StudyOutcome {
  readonly study: Study
  /** Tasks run now; the others had been finished before. */
  readonly ran: number
}

/**
 * Runs a study. Stopped at any point and called again, it repeats no finished task and writes the same files.
 * @throws InputError when a model or the data cannot be used; the signal's reason when it fires.
 */
export async function runStudy(options: StudyOptions): Promise<StudyOutcome> {
  const { config, resolve, out, progress = silent, signal } = options
  const files = runFiles(out)
  const opened = {
    standard: await obtainModel('standard', options),
    robust: await obtainModel('robust', options),
  }
  try {
    const models = { standard: opened.standard.classifier, robust: opened.robust.classifier }
    const { size } = models.standard.preprocessing
    if (String(size) !== String(models.robust.preprocessing.size)) {
      throw new InputError(
        `both networks must take images of one size, found ${size.join('x')} and ${models.robust.preprocessing.size.join('x')}`,
      )
    }
    const data = await openStudyData(config, models.standard, { resolve, progress, signal })
    const plan = planStudy({ config, models, data, encodePng })
    const names = namesOf(config)
    const { finished, ran } = await runTasks(plan.tasks, fileLedger(files.ledger), {
      progress,
      ...(signal && { signal }),
    })
    const answers = new Answers(finished)
    const summary = summarise(plan, answers)
    const found = findingsOf(summary, names)
    const sets = [data.images, data.shapeOnly, data.textureOnly, data.cueConflict]
    const study = Study.parse({
      format: 2,
      name: config.name,
      seed: config.seed,
      headline: headline(found, names),
      findings: found,
      summary,
      models: { standard: opened.standard.facts, robust: opened.robust.facts },
      data: sets.flatMap(set =>
        set === undefined ? [] : [{ name: set.name, images: set.size, fingerprint: set.fingerprint }],
      ),
      note: data.note,
      config,
      versions: options.versions,
      tasks: finished.map(({ task, hash }) => ({ task: hash, label: task.label, identity: task.identity })),
    })
    writeFileAtomic(files.images, perImageCsv(plan, names, answers))
    for (const { chapter } of plan.chapters) {
      for (const [name, text] of Object.entries(chapter.files?.(answers) ?? {}))
        writeFileAtomic(join(out, name), text)
    }
    writeFileAtomic(files.study, `${JSON.stringify(study, undefined, 2)}\n`)
    return { study, ran }
  } finally {
    await opened.standard.classifier.dispose()
    await opened.robust.classifier.dispose()
  }
}

async function obtainModel(role: Role, options: StudyOptions): Promise<OpenedModel> {
  const { config, resolve, out, retrain = false, runtime, progress = silent, signal } = options
  const { name, path, train } = config.models[role]
  if (!retrain) return openStudyModel(name, resolve(path), path, runtime)
  if (train === undefined) {
    throw new InputError(`models.${role} of the config has no train section, so it cannot be trained again`)
  }
  const folder = join(runFiles(out).checkpoints, role)
  const data = train.data === 'emoji16' ? train.data : resolve(train.data)
  const labelled: Progress = {
    start: (label, total, unit) => progress.start(`${name}: ${label}`, total, unit),
  }
  await trainStudyModel({ ...train, data }, folder, runtime, { progress: labelled, signal })
  return openStudyModel(name, folder, 'trained by this study', runtime)
}
