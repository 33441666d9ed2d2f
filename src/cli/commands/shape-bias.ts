// silhouette shape-bias: does a network decide by shape or by texture, where the two disagree?

import type { Classifier } from '../../classifier/classifier.ts'
import { loadClassifier } from '../../classifier/load.node.ts'
import { openCueConflict } from '../../data/cue-conflict.node.ts'
import type { CueConflictDataset } from '../../data/dataset.ts'
import { emoji16 } from '../../data/emoji16/emoji16.node.ts'
import { writeFileAtomic } from '../../files/atomic.node.ts'
import { cueConflictClasses, noShapeBias, type ShapeBias, shapeBias, writeTrials } from '../../probe/index.ts'
import type { Progress } from '../../progress/progress.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import { Random } from '../../tensor/random.ts'
import {
  type AnyCommand,
  commandProgress,
  newCommand,
  parseCount,
  parseTriple,
  printResult,
} from '../command.ts'
import { manifestOf } from '../model-options.ts'
import { writtenShare } from '../share.ts'
import type { Terminal } from '../terminal.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'shape-bias',
    'Measure shape bias: of the decisions for the shape or the texture of cue-conflict images, the share for the ' +
      'shape. ImageNet networks decide among sixteen categories by mean softmax probability.',
  )
    .argument('<model>', 'an .onnx file, a .safetensors file or a checkpoint folder')
    .requiredOption('--data <dir>', 'emoji16, or a folder with images such as cat/cat1-bird3.png')
    .option('--out <file>', 'write every decision as CSV in the form of model-vs-human')
    .option('--resamples <n>', 'bootstrap resamples behind the interval', parseCount, 2000)
    .option('--skip-bad', 'leave out images that cannot be read, and say how many')
    .option('--threads <n>', 'threads of one operator', parseCount, 2)
    .option('--mean <r,g,b>', 'mean the network wants subtracted, in units of its range', parseTriple)
    .option('--std <r,g,b>', 'standard deviation the network wants divided by', parseTriple)
    .action(async (path, options) => {
      const { seed, resamples, out, skipBad = false } = options
      const progress = commandProgress(terminal, options)
      const model = await loadClassifier(path, nodeRuntime({ threads: options.threads }), manifestOf(options))
      const data =
        options.data === 'emoji16'
          ? await emoji16({
              split: 'cue-conflict',
              size: model.preprocessing.size[0],
              seed,
              progress,
              signal: terminal.signal,
            })
          : await openFolder(options.data, model, skipBad, progress, terminal)
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
        seed,
        resamples,
        ...(out !== undefined && { out }),
      }
      printResult(terminal, options, { ...settings, ...result }, () => written(result, out))
    })
}

async function openFolder(
  root: string,
  model: Classifier,
  skipBad: boolean,
  progress: Progress,
  terminal: Terminal,
): Promise<CueConflictDataset> {
  const folder = await openCueConflict(root, { classes: cueConflictClasses(model), skipBad, progress })
  for (const fault of folder.skipped) terminal.err.write(`silhouette: skipped ${fault.message}\n`)
  return folder
}

const percent = (value: number) => `${(100 * value).toFixed(1)} %`

function written({ shapeBias, images, hits, categories }: ShapeBias, out: string | undefined): string {
  const rows = categories
    .filter(category => category.hits.shape + category.hits.texture + category.hits.other > 0)
    .map(category => {
      const bias = category.shapeBias === null ? '-' : percent(category.shapeBias)
      const counts = [category.hits.shape, category.hits.texture, category.hits.other]
      return `  ${category.name.padEnd(12)}${bias.padStart(8)}${counts.map(n => String(n).padStart(8)).join('')}\n`
    })
  return (
    `shape bias ${shapeBias === null ? noShapeBias(images) : writtenShare(shapeBias)}\n` +
    `${images} images: ${hits.shape} decided by shape, ${hits.texture} by texture, ${hits.other} by neither\n\n` +
    `  ${'shape'.padEnd(12)}${'bias'.padStart(8)}   shape texture neither\n${rows.join('')}` +
    (out === undefined ? '' : `${out}\n`)
  )
}
