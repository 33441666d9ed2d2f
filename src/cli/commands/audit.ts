// silhouette audit: the whole battery on one network, and whether it holds what a build demands of it.

import { join } from 'node:path'
import { Option } from '@commander-js/extra-typings'
import type { Audit } from '../../audit/audit.ts'
import { junitXml } from '../../audit/junit.ts'
import { auditMarkdown } from '../../audit/markdown.ts'
import { auditFiles, runAudit } from '../../audit/run.node.ts'
import { AuditSettings, auditAttacks } from '../../audit/settings.ts'
import { type Check, checkThresholds, parseThreshold, type Threshold } from '../../audit/thresholds.ts'
import { written } from '../../audit/written.ts'
import { writeFileAtomic } from '../../files/atomic.node.ts'
import { renderAudit } from '../../report/index.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import {
  type AnyCommand,
  CheckFailed,
  commandProgress,
  newCommand,
  oneOf,
  parseCount,
  parseEpsilon,
  parseNorm,
  printResult,
  resamplesOption,
  skipBadOption,
} from '../command.ts'
import { manifestOf, modelArgument, modelOption } from '../model-options.ts'
import { duration } from '../progress.ts'
import { parseSeverities } from '../severities.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { packageVersion } from '../version.ts'

const collect = (bound: Threshold['bound']) => (text: string, before: readonly Threshold[]) => [
  ...before,
  parseThreshold(text, bound),
]

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'audit',
    'Measure one network: accuracy, accuracy under attack, under corruptions, with shape, texture or colour taken ' +
      'away, shape bias where there are cue-conflict images, calibration, smoothness, and what looks wrong with it. ' +
      'Exit code 1 when a threshold does not hold. An audit that was stopped goes on where it stopped.',
  )
    .argument('<model>', modelArgument)
    .requiredOption('--data <dir>', 'labelled images: class folders, IDX files, or emoji16')
    .option('--cue-conflict <dir>', 'cue-conflict images such as cat/cat1-bird3.png, for shape bias')
    .option(
      '--min <measure=value>',
      'fail below this, such as robust-accuracy=0.3; may be given often',
      collect('min'),
      [],
    )
    .option(
      '--max <measure=value>',
      'fail above this, such as calibration-error=0.1; may be given often',
      collect('max'),
      [],
    )
    .option('--out <dir>', 'the run folder (default: runs/audit-<model>)')
    .addOption(skipBadOption())
    .option('--limit <n>', 'use at most this many images', parseCount)
    .option('--sample <n>', 'images corrupted and distorted', parseCount, 200)
    .option('--severities <list>', 'of the corruptions, such as 1,3,5 (default: 1-5)', parseSeverities)
    .option(
      '--attack <name>',
      'what robust-accuracy is measured with: pgd, apgd or autoattack',
      oneOf(auditAttacks),
      'pgd',
    )
    .option('--norm <norm>', 'of the attack: L2 or Linf', parseNorm, 'Linf')
    .addOption(
      new Option('--eps <e>', 'radius of the attack, such as 3 or 8/255')
        .argParser(parseEpsilon)
        .default(8 / 255, '8/255'),
    )
    .option('--steps <n>', 'PGD steps', parseCount, 20)
    .option('--n-ex <n>', 'images attacked at each radius', parseCount, 100)
    .addOption(resamplesOption(1000))
    .addOption(modelOption.arch())
    .addOption(modelOption.cores())
    .addOption(modelOption.mean())
    .addOption(modelOption.std())
    .action(async (model, options) => {
      const started = Date.now()
      const {
        seed,
        attack,
        norm,
        eps,
        steps,
        nEx,
        sample,
        severities,
        resamples,
        data,
        cueConflict,
        skipBad,
        limit,
      } = options
      const thresholds = [...options.min, ...options.max]
      const out = options.out ?? join('runs', `audit-${nameOf(model)}`)
      const runtime = nodeRuntime({ threads: options.threads })
      const { audit, tasks, ran } = await runAudit({
        model,
        manifest: manifestOf(options),
        data: { data, cueConflict, skipBad, limit },
        settings: AuditSettings.parse({
          seed,
          sample,
          resamples,
          severities,
          attack: { name: attack, norm, epsilon: eps, steps, images: nEx },
        }),
        thresholds,
        out,
        runtime,
        workers: options.threads,
        versions: { silhouette: packageVersion(), node: process.version, runtime: runtime.name },
        progress: commandProgress(terminal, options),
        signal: terminal.signal,
      })
      const checks = checkThresholds(audit, thresholds)
      const files = auditFiles(out)
      writeFileAtomic(files.page, renderAudit(audit, checks))
      writeFileAtomic(files.junit, junitXml(audit, checks))
      writeFileAtomic(files.markdown, auditMarkdown(audit, checks))
      printResult(terminal, options, { ...audit, checks, files }, () => {
        const before = tasks > ran ? `, ${tasks - ran} of them done before` : ''
        return `${scorecard(audit, checks)}\n${tasks} tasks${before}, ${duration(Date.now() - started)}\n${files.page}\n`
      })
      const failed = checks.filter(({ passed }) => !passed)
      if (failed.length > 0) throw new CheckFailed(failed.map(({ sentence }) => sentence).join('; '))
    })
}

/** The last part of a path without its extension, as a folder's name. */
function nameOf(model: string): string {
  const name = model.split(/[/\\]/).filter(Boolean).at(-1) ?? 'model'
  return name.replace(/\.[^.]+$/, '').replace(/[^A-Za-z0-9._-]+/g, '-')
}

function scorecard({ model, measures, lints }: Audit, checks: readonly Check[]): string {
  const rows = measures.map(measure => [
    measure.id,
    written(measure),
    measure.images === null ? '' : `${measure.images} images`,
    checks
      .filter(check => check.measure === measure.id)
      .map(({ bound, limit, passed }) => `${passed ? 'holds' : 'FAILS'} ${bound} ${limit}`)
      .join(', '),
  ])
  return (
    `${model.name} (${model.classes} classes)\n\n${table(rows)}` +
    (lints.length > 0 ? `\n${lints.map(({ code, message }) => `${code}: ${message}\n`).join('')}` : '')
  )
}
