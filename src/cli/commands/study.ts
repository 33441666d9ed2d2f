// silhouette study: the main job, from two networks to a report.

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InputError } from '../../errors/input-error.ts'
import { writeFileAtomic } from '../../files/atomic.node.ts'
import { writeReport } from '../../report/file.node.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import type { Finding } from '../../study/claim.ts'
import { parseConfig, type StudyConfig } from '../../study/config.ts'
import { defaultConfig } from '../../study/default-config.ts'
import { runFiles } from '../../study/run-files.node.ts'
import type { PooledFinding } from '../../study/seeds.ts'
import { runStudy } from '../../study/study.node.ts'
import type { Study } from '../../study/study.ts'
import { type AnyCommand, commandProgress, newCommand, parseCount, printResult } from '../command.ts'
import { modelOption } from '../model-options.ts'
import { duration } from '../progress.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { packageVersion } from '../version.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'study',
    'Compare a standard network with its adversarially trained twin: shape bias, accuracy with a cue taken ' +
      'away, accuracy under attack, smoothness of the kernels. Without a config: the two networks of this ' +
      'package on the embedded data. A study that was stopped goes on where it stopped.',
  )
    .argument('[config]', 'a study in YAML, such as examples/emoji16.yaml')
    .option('--out <dir>', 'the run folder (default: runs/<name of the study>)')
    .option('--retrain', 'train both networks from scratch first, by the recipes in the config')
    .option(
      '--seeds <n>',
      'compare so many pairs of networks, each trained from a seed of its own',
      parseCount,
    )
    .addOption(modelOption.cores())
    .action(async (path, options, self) => {
      const started = new Date()
      const { config, base } = readConfig(path)
      const seeded = self.getOptionValueSource('seed') === 'cli' ? withSeed(config, options.seed) : config
      const { seeds = config.seeds } = options
      const out = options.out ?? join('runs', config.name)
      const runtime = nodeRuntime({ threads: options.threads })
      const { study, ran, seconds } = await runStudy({
        config: { ...seeded, seeds },
        base,
        out,
        retrain: options.retrain ?? false,
        runtime,
        workers: options.threads,
        versions: { silhouette: packageVersion(), node: process.version, runtime: runtime.name },
        progress: commandProgress(terminal, options),
        signal: terminal.signal,
      })
      const report = writeReport(out)
      const files = runFiles(out)
      const took = Date.now() - started.getTime()
      writeFileAtomic(
        files.run,
        `${JSON.stringify({ started, seconds: took / 1000, tasks: study.tasks.length, ran, chapters: seconds }, undefined, 2)}\n`,
      )
      printResult(terminal, options, { ...study, report }, () => {
        const found = study.tasks.length - ran
        const before = found > 0 ? `, ${found} of them done before` : ''
        return `${answer(study)}\n${study.tasks.length} tasks${before}, ${duration(took)}\n${report}\n`
      })
    })
}

/** The config, and the folder that its paths are seen from. */
function readConfig(path: string | undefined): { config: StudyConfig; base: string } {
  if (path === undefined) {
    return { config: defaultConfig, base: fileURLToPath(new URL('../../..', import.meta.url)) }
  }
  if (!existsSync(path)) throw new InputError(`there is no config at ${path}`)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new InputError(`cannot read ${path}: is it a file, and may you read it?`, { cause: error })
  }
  return { config: parseConfig(text, path), base: dirname(resolve(path)) }
}

/** The config with every random draw from `seed`: the study's and, under --retrain, the trainings'. */
function withSeed(config: StudyConfig, seed: number): StudyConfig {
  const seeded = <M extends StudyConfig['models']['standard']>(model: M): M =>
    model.train === undefined ? model : { ...model, train: { ...model.train, seed } }
  const { standard, robust } = config.models
  return { ...config, seed, models: { standard: seeded(standard), robust: seeded(robust) } }
}

/** The study's answer as text. */
function answer(study: Study): string {
  const { standard, robust } = study.models
  const findings: readonly (Finding | PooledFinding)[] = study.seeds?.findings ?? study.findings
  const rows = findings.map(finding => [
    finding.verdict,
    finding.measure,
    estimate(finding, 'standard'),
    estimate(finding, 'robust'),
  ])
  const seeds = study.seeds && `means over seeds ${study.seeds.runs.map(({ seed }) => seed).join(', ')}`
  return `${study.headline}\n\n${table([['', seeds ?? '', standard.name, robust.name], ...rows])}`
}

/** `31.0 % [29.1, 33.0]`, and where it is a mean over seeds their values: `(30.2, 31.1, 31.7)`. */
function estimate(finding: Finding | PooledFinding, role: 'standard' | 'robust'): string {
  const { value, low, high } = finding[role]
  const [scale, digits, unit] = finding.unit === 'percent' ? [100, 1, ' %'] : [1, 2, '']
  const text = (x: number) => (scale * x).toFixed(digits)
  const each = 'each' in finding ? ` (${finding.each[role].map(text).join(', ')})` : ''
  return `${text(value)}${unit} [${text(low)}, ${text(high)}]${each}`
}
