// silhouette shape-bias: does a network decide by shape or by texture, where the two disagree?

import { loadClassifier } from '../../classifier/load.node.ts'
import { writeFileAtomic } from '../../files/atomic.node.ts'
import { noShapeBias, type ShapeBias, shapeBias, writeTrials } from '../../probe/index.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import { Random } from '../../tensor/random.ts'
import {
  type AnyCommand,
  commandProgress,
  newCommand,
  printResult,
  resamplesOption,
  skipBadOption,
  tellSkipped,
} from '../command.ts'
import { manifestOf, modelArgument, modelOption } from '../model-options.ts'
import { openConflicts } from '../open-data.ts'
import { writtenShare } from '../share.ts'
import type { Terminal } from '../terminal.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'shape-bias',
    'Measure shape bias: of the decisions for the shape or the texture of cue-conflict images, the share for the ' +
      'shape. ImageNet networks decide among sixteen categories by mean softmax probability.',
  )
    .argument('<model>', modelArgument)
    .requiredOption('--data <dir>', 'emoji16, or a folder with images such as cat/cat1-bird3.png')
    .option('--out <file>', 'write every decision as CSV in the form of model-vs-human')
    .addOption(resamplesOption(2000))
    .addOption(skipBadOption())
    .addOption(modelOption.arch())
    .addOption(modelOption.threads())
    .addOption(modelOption.mean())
    .addOption(modelOption.std())
    .action(async (path, options) => {
      const { seed, resamples, out, skipBad = false } = options
      const progress = commandProgress(terminal, options)
      const model = await loadClassifier(path, nodeRuntime({ threads: options.threads }), manifestOf(options))
      const context = { model, seed, progress, signal: terminal.signal }
      const data = await openConflicts(options.data, context, { skipBad })
      tellSkipped(terminal, data.skipped)
      const result = await shapeBias({ data, resamples }).run({
        model,
        random: new Random(seed),
        progress,
        signal: terminal.signal,
      })
      await model.dispose()
      if (out !== undefined) writeFileAtomic(out, writeTrials(result, model.name))
      const settings = {
        model: model.name,
        data: data.name,
        resized: data.resized,
        seed,
        resamples,
        ...(out !== undefined && { out }),
      }
      printResult(terminal, options, { ...settings, ...result }, () => written(result, data.resized, out))
    })
}

const percent = (value: number) => `${(100 * value).toFixed(1)} %`

function written(
  { shapeBias, images, hits, categories }: ShapeBias,
  resized: boolean,
  out: string | undefined,
): string {
  const rows = categories
    .filter(category => category.hits.shape + category.hits.texture + category.hits.other > 0)
    .map(category => {
      const bias = category.shapeBias === null ? '-' : percent(category.shapeBias)
      const counts = [category.hits.shape, category.hits.texture, category.hits.other]
      return `  ${category.name.padEnd(12)}${bias.padStart(8)}${counts.map(n => String(n).padStart(8)).join('')}\n`
    })
  return (
    `shape bias ${shapeBias === null ? noShapeBias(images) : `${writtenShare(shapeBias)} (95 % interval)`}\n` +
    `${images} images: ${hits.shape} decided by shape, ${hits.texture} by texture, ${hits.other} by neither\n\n` +
    `  ${'shape'.padEnd(12)}${'bias'.padStart(8)}   shape texture neither\n${rows.join('')}` +
    (resized ? "resized to the network's size\n" : '') +
    (out === undefined ? '' : `${out}\n`)
  )
}
