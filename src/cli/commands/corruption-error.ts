// silhouette corruption-error: a network on corrupted test sets that lie on disk.

import { join } from 'node:path'
import { type CorruptedSetsResult, corruptedSetsResult } from '../../audit/corrupted-sets.node.ts'
import { loadClassifier } from '../../classifier/load.node.ts'
import { openCorruptedSets } from '../../data/corrupted-sets.node.ts'
import { writeCsv } from '../../data/csv.ts'
import { openImageFolder } from '../../data/image-folder.node.ts'
import { type Severity, severities } from '../../distort/index.ts'
import { writeFileAtomic } from '../../files/atomic.node.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import { fileLedger } from '../../study/ledger.node.ts'
import {
  type AnyCommand,
  commandProgress,
  integerFrom,
  newCommand,
  parseCount,
  parseTriple,
  printResult,
} from '../command.ts'
import { manifestOf } from '../model-options.ts'
import { parseSeverities } from '../severities.ts'
import { writtenShare } from '../share.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'corruption-error',
    'Accuracy of a network on corrupted images that lie on disk, by corruption and severity: ImageNet-C or CIFAR-C as ' +
      "published, or what silhouette corrupt wrote. For ImageNet networks on all fifteen corruptions also mCE, the error over AlexNet's. " +
      'Images are resized only where they do not have the size that the network takes. Stopped, it goes on where it stopped.',
  )
    .argument('<model>', 'an .onnx file, a .safetensors file or a checkpoint folder')
    .requiredOption(
      '--data <dir>',
      '<corruption>/<1..5>/<class>/<image>, or <corruption>.npy beside labels.npy',
    )
    .option(
      '--clean <dir>',
      'the same images uncorrupted, <class>/<image>, for relative mCE; brought to size as the network asks',
    )
    .option('--corruptions <names>', 'only these, with commas between (default: all that are there)')
    .option('--severities <list>', 'such as 1,3,5 or 1-5 (default: all)', parseSeverities)
    .option('--images <n>', 'ask about so many images, drawn by --seed, the same at every level', parseCount)
    .option('--out <dir>', 'the run folder', join('runs', 'corruption-error'))
    .option('--resamples <n>', 'bootstrap resamples behind each summary', integerFrom(100), 1000)
    .option('--arch <name>', 'architecture of a checkpoint that does not say it')
    .option('--threads <n>', 'threads of one operator', parseCount, 2)
    .option('--mean <r,g,b>', 'mean the network wants subtracted, in units of its range', parseTriple)
    .option('--std <r,g,b>', 'standard deviation the network wants divided by', parseTriple)
    .action(async (path, options) => {
      const { out, seed, images, clean, resamples } = options
      const sets = openCorruptedSets(options.data)
      const model = await loadClassifier(path, nodeRuntime({ threads: options.threads }), manifestOf(options))
      try {
        const sample = images === undefined ? undefined : { count: images, seed }
        const result = await corruptedSetsResult({
          model,
          sets,
          clean:
            clean === undefined ? undefined : await openImageFolder(clean, model.preprocessing, { sample }),
          corruptions: options.corruptions?.split(',').map(name => name.trim()),
          severities: options.severities,
          images,
          ledger: fileLedger(join(out, 'ledger')),
          seed,
          resamples,
          progress: commandProgress(terminal, options),
          signal: terminal.signal,
        })
        const files = { json: join(out, 'corruption-error.json'), csv: join(out, 'corruption-error.csv') }
        writeFileAtomic(files.json, `${JSON.stringify(result, undefined, 2)}\n`)
        writeFileAtomic(files.csv, asCsv(result))
        printResult(terminal, options, { seed, ...result, files }, () => `${text(result)}${files.csv}\n`)
      } finally {
        await model.dispose()
      }
    })
}

function asCsv({ levels }: CorruptedSetsResult): string {
  return writeCsv(
    ['corruption', 'severity', 'images', 'accuracy', 'low', 'high'] as const,
    levels.map(({ accuracy: { value, low, high }, ...level }) => ({ ...level, accuracy: value, low, high })),
  )
}

function text({ model, layout, resized, levels, ...summary }: CorruptedSetsResult): string {
  const names = [...new Set(levels.map(({ corruption }) => corruption))]
  const cell = (name: string, severity: Severity) => {
    const level = levels.find(one => one.corruption === name && one.severity === severity)
    return level === undefined ? '' : (100 * level.accuracy.value).toFixed(1)
  }
  const summaries = [
    ['accuracy over all of them', summary.accuracy],
    ['on clean images', summary.clean],
    ['mCE', summary.mce],
    ['relative mCE', summary.relativeMce],
  ] as const
  const most = Math.max(...levels.map(({ images }) => images))
  return (
    `accuracy of ${model.name} in percent by severity, ${layout}, ${most} images a level` +
    `${resized ? ", resized to the network's size" : ''}\n\n` +
    table(
      [
        ['', ...severities.map(String)],
        ...names.map(name => [name, ...severities.map(severity => cell(name, severity))]),
      ],
      [1, 2, 3, 4, 5],
    ) +
    '\n' +
    table(summaries.flatMap(([label, value]) => (value === null ? [] : [[label, writtenShare(value)]])))
  )
}
