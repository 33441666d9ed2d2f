// silhouette sweep: many networks that differ in what matters, trained and measured alike.

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { InputError } from '../../errors/input-error.ts'
import { writeFileAtomic } from '../../files/atomic.node.ts'
import { renderSweep } from '../../report/sweep/page.ts'
import { signedPoints, signedRange } from '../../report/text.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import { checkedBy, parseYaml } from '../../study/config.ts'
import { comparisonInWords, type SchemeComparison } from '../../sweep/comparison.ts'
import { SweepConfig } from '../../sweep/config.ts'
import type { SweepResult } from '../../sweep/result.ts'
import { runSweep, sweepFiles } from '../../sweep/sweep.node.ts'
import { type AnyCommand, commandProgress, newCommand, printResult } from '../command.ts'
import { modelOption } from '../model-options.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { packageVersion } from '../version.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'sweep',
    'Train networks that differ in width, depth, activation, epsilon, seed or scheme, and measure each: clean and ' +
      'robust accuracy, shape bias, simplicity of the units, NASWOT score, time per epoch. A sweep that was stopped ' +
      'goes on where it stopped.',
  )
    .argument('<config>', 'a sweep in YAML, such as examples/capacity-small.yaml')
    .option('--out <dir>', 'the folder of the sweep (default: runs/<name of the sweep>)')
    .option('--widths <list>', 'in place of the config: channels of the first convolution, such as 8,16,32')
    .option('--depths <list>', 'in place of the config: depths')
    .option(
      '--epsilons <list>',
      'in place of the config: radii of the training attack; 0 is standard training',
    )
    .option('--activations <list>', 'in place of the config: activation functions')
    .option('--seeds <list>', 'in place of the config: seeds of the trainings')
    .addOption(modelOption.cores())
    .action(async (path, options, self) => {
      const config = readConfig(path, {
        width: numbers(options.widths),
        depth: numbers(options.depths),
        epsilon: numbers(options.epsilons),
        activation: words(options.activations),
        seed: numbers(options.seeds),
      })
      const seeded = self.getOptionValueSource('seed') === 'cli' ? { ...config, seed: options.seed } : config
      const out = options.out ?? join('runs', config.name)
      // One thread each, however many side by side: the same bytes on any number of cores.
      const runtime = nodeRuntime({ threads: 1 })
      const result = await runSweep({
        config: seeded,
        what: path,
        base: dirname(resolve(path)),
        out,
        runtime,
        workers: options.threads,
        versions: { silhouette: packageVersion(), node: process.version, runtime: runtime.name },
        progress: commandProgress(terminal, options),
        signal: terminal.signal,
      })
      const { report } = sweepFiles(out)
      writeFileAtomic(report, renderSweep(result, packageVersion()))
      printResult(terminal, options, { ...result, report }, () => `${written(result)}\n${report}\n`)
    })
}

function readConfig(path: string, over: Readonly<Record<string, unknown>>): SweepConfig {
  if (!existsSync(path)) throw new InputError(`there is no config at ${path}`)
  const config = checkedBy(SweepConfig, parseYaml(readFileSync(path, 'utf8'), path), path)
  const given = Object.fromEntries(Object.entries(over).filter(([, values]) => values !== undefined))
  return checkedBy(SweepConfig, { ...config, over: { ...config.over, ...given } }, path)
}

const words = (list: string | undefined) => list?.split(',').map(word => word.trim())

const numbers = (list: string | undefined) => words(list)?.map(Number)

function written({ rows, comparisons }: SweepResult): string {
  const share = (value: { value: number; low: number; high: number } | null) =>
    value === null
      ? '–'
      : `${(100 * value.value).toFixed(1)} [${(100 * value.low).toFixed(1)}, ${(100 * value.high).toFixed(1)}]`
  const attacked = rows.some(row => row.autoAttack !== null)
  const header = [
    ...['network', 'clean %', 'PGD %', ...(attacked ? ['AutoAttack %'] : [])],
    ...['shape bias %', 'NASWOT', 's/epoch'],
  ]
  const lines = rows.map(row => [
    row.name,
    share(row.clean),
    share(row.robust),
    ...(attacked ? [share(row.autoAttack)] : []),
    share(row.shapeBias),
    row.naswot?.toFixed(1) ?? '–',
    row.secondsPerEpoch?.toFixed(1) ?? '–',
  ])
  const networks = table([header, ...lines], header.map((_, i) => i).slice(1))
  const [first] = comparisons
  return first === undefined ? networks : `${networks}\n${beside(first.reference, comparisons)}`
}

/** What differs from the reference, in points; with intervals over images. */
function beside(reference: string, comparisons: readonly SchemeComparison[]): string {
  const cell = ({ difference }: SchemeComparison['clean']) =>
    `${signedPoints(difference.value)} [${signedRange(difference)}]`
  const lines = comparisons.map(found => [
    ...[found.group, cell(found.clean), cell(found.robust)],
    ...[found.time === null ? '–' : `${found.time.toFixed(2)} x`, comparisonInWords(found)],
  ])
  return table([[`beside ${reference}`, 'clean', 'PGD', 'time', ''], ...lines], [1, 2, 3])
}
