// silhouette consistency: do networks err like people?

import { join } from 'node:path'
import { writeCsv } from '../../data/csv.ts'
import { readTrialFolders } from '../../data/trial-files.node.ts'
import { writeFileAtomic } from '../../files/atomic.node.ts'
import { type Consistency, consistency, type Estimate, noShapeBias } from '../../probe/index.ts'
import { renderPeople } from '../../report/index.ts'
import { Random } from '../../tensor/random.ts'
import { type AnyCommand, newCommand, printResult, resamplesOption } from '../command.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { packageVersion } from '../version.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'consistency',
    'Compare networks with people on the same pictures, from trials in the form of model-vs-human: accuracy ' +
      'difference, observed and error consistency, shape bias by category. silhouette ood writes such trials.',
  )
    .argument(
      '<trials...>',
      'folders with <data set>/<data set>_<observer>_session-N.csv, or of one data set',
    )
    .option('--out <dir>', 'write consistency.html, consistency.json, benchmark.csv and pairs.csv')
    .addOption(resamplesOption(1000))
    .action((folders, options) => {
      const { seed, resamples, out } = options
      const result = consistency(readTrialFolders(folders), { random: new Random(seed), resamples })
      const files = out === undefined ? [] : writeFiles(out, result)
      printResult(
        terminal,
        options,
        { seed, resamples, ...result, ...(out !== undefined && { files }) },
        () => written(result, files),
      )
    })
}

function writeFiles(out: string, result: Consistency): string[] {
  const contents = {
    'consistency.json': `${JSON.stringify(result, undefined, 2)}\n`,
    'benchmark.csv': benchmarkCsv(result),
    'pairs.csv': pairsCsv(result),
    'consistency.html': renderPeople(result, packageVersion()),
  }
  return Object.entries(contents).map(([name, text]) => {
    const path = join(out, name)
    writeFileAtomic(path, text)
    return path
  })
}

function benchmarkCsv({ benchmark }: Consistency): string {
  const columns = ['observer', 'measure', 'value', 'low', 'high'] as const
  const measures = ['accuracy', 'accuracyDifference', 'observedConsistency', 'errorConsistency'] as const
  const spelt = (name: string) => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
  return writeCsv(
    columns,
    benchmark.rows.flatMap(row =>
      measures.map(measure => ({ observer: row.observer, measure: spelt(measure), ...row[measure] })),
    ),
  )
}

function pairsCsv({ matrices }: Consistency): string {
  const columns = [
    'dataset',
    'images',
    'first',
    'second',
    'observed',
    'expected',
    'error_consistency',
    'low',
    'high',
  ] as const
  return writeCsv(
    columns,
    matrices.flatMap(({ dataset, images, pairs }) =>
      pairs.map(({ errorConsistency: { value, low, high }, ...pair }) => ({
        dataset,
        images,
        ...pair,
        error_consistency: value,
        low,
        high,
      })),
    ),
  )
}

function written({ benchmark, shapeBias }: Consistency, files: readonly string[]): string {
  const { rows, datasets, leftOut } = benchmark
  const cell = ({ value, low, high }: Estimate) =>
    `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`
  const head = ['', 'accuracy difference', 'observed consistency', 'error consistency', 'rank', 'accuracy']
  const lines = rows.map(row => [
    row.observer,
    cell(row.accuracyDifference),
    cell(row.observedConsistency),
    cell(row.errorConsistency),
    row.meanRank === null ? '-' : row.meanRank.toFixed(2),
    cell(row.accuracy),
  ])
  const biases = (shapeBias ?? []).map(({ observer, shapeBias, trials }) => [
    observer,
    shapeBias === null ? noShapeBias(trials) : `${cell(shapeBias)}, ${trials} trials`,
  ])
  const pictures = datasets.reduce((sum, { images }) => sum + images, 0)
  return (
    `${pictures} pictures of ${datasets.map(({ name }) => name).join(', ')}; 95 % intervals over pictures\n` +
    (leftOut.length > 0 ? `left out, as not everybody answered: ${leftOut.join(', ')}\n` : '') +
    `\n${table([head, ...lines])}` +
    (biases.length > 0 ? `\n${table([['', 'shape bias'], ...biases])}` : '') +
    files.map(file => `${file}\n`).join('')
  )
}
