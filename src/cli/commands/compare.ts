// silhouette compare: what changed between two runs, and whether it is more than chance.

import { type Change, compareRuns, type RunComparison } from '../../audit/compare.ts'
import { readRun } from '../../audit/read-run.node.ts'
import { writeFileAtomic } from '../../files/atomic.node.ts'
import type { Estimate } from '../../probe/index.ts'
import { Random } from '../../tensor/random.ts'
import { type AnyCommand, CheckFailed, newCommand, printResult, resamplesOption } from '../command.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'compare',
    'What changed between two audits or two studies: every condition that both measured on the same images, tested ' +
      "image by image (accuracy: McNemar's exact test; shape bias: permutations), corrected by Holm for their number.",
  )
    .argument('<first>', 'run folder of an audit or a study: before')
    .argument('<second>', 'run folder of another: after')
    .option(
      '--fail-on-regression',
      'exit with code 1 when an accuracy or the shape bias is significantly lower',
    )
    .option('--markdown <file>', 'write the table as Markdown too')
    .addOption(resamplesOption(2000))
    .action((first, second, options) => {
      const { seed, resamples, markdown } = options
      const result = compareRuns(readRun(first), readRun(second), { random: new Random(seed), resamples })
      if (markdown !== undefined) writeFileAtomic(markdown, asMarkdown(result))
      printResult(terminal, options, result, () => written(result))
      const worse = result.changes.filter(({ verdict }) => verdict === 'lower')
      if (options.failOnRegression && worse.length > 0) {
        throw new CheckFailed(
          `${second} is significantly worse than ${first}: ` +
            worse
              .map(change => `${nameOf(change)} ${percent(change.first)} -> ${percent(change.second)}`)
              .join(', '),
        )
      }
    })
}

const percent = ({ value }: Pick<Estimate, 'value'>) => `${(100 * value).toFixed(1)} %`

const nameOf = ({ measure, model }: Change) => (model === '' ? measure : `${measure} of ${model}`)

function cells(change: Change): string[] {
  const { difference, p, corrected, verdict, n, first, second } = change
  const signed = (x: number) => `${x < 0 ? '-' : '+'}${Math.abs(100 * x).toFixed(1)}`
  const probability = (value: number) => (value < 1e-4 ? '< 0.0001' : value.toPrecision(2))
  return [
    nameOf(change),
    percent(first),
    percent(second),
    `${signed(difference.value)} [${signed(difference.low)}, ${signed(difference.high)}]`,
    String(n),
    probability(p),
    probability(corrected),
    verdict,
  ]
}

const head = ['', 'first', 'second', 'difference (points)', 'images', 'p', 'p (Holm)', '']

function written({ first, second, changes, notCompared }: RunComparison): string {
  return (
    `first: ${first}\nsecond: ${second}\n\n` +
    table([head, ...changes.map(cells)], [1, 2, 4, 5, 6]) +
    (notCompared.length > 0 ? `\nnot compared: ${notCompared.join(', ')}\n` : '')
  )
}

function asMarkdown({ first, second, changes, notCompared }: RunComparison): string {
  const row = (texts: readonly string[]) =>
    `| ${texts.map(text => text.replaceAll('|', '\\|')).join(' | ')} |`
  return [
    `### silhouette compare: ${first} → ${second}`,
    '',
    row(head),
    row(head.map(() => '---')),
    ...changes.map(change => row(cells(change))),
    '',
    ...(notCompared.length > 0 ? [`Not compared: ${notCompared.join(', ')}.`, ''] : []),
  ].join('\n')
}
