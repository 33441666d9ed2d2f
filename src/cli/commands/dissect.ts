// silhouette dissect: which concepts the units of a network detect.

import { join } from 'node:path'
import { loadClassifier } from '../../classifier/load.node.ts'
import { openBroden } from '../../data/broden.node.ts'
import { emoji16ConceptDataset } from '../../data/emoji16/concepts.ts'
import { emoji16 } from '../../data/emoji16/emoji16.node.ts'
import { InputError } from '../../errors/input-error.ts'
import { writeFileAtomic } from '../../files/atomic.node.ts'
import { type Dissection, dissection, tallyCsv } from '../../probe/index.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import { Random } from '../../tensor/random.ts'
import {
  type AnyCommand,
  commandProgress,
  newCommand,
  numberFrom,
  parseCount,
  parseTriple,
  printResult,
} from '../command.ts'
import { manifestOf } from '../model-options.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'dissect',
    'Network Dissection: for every unit, the concept whose masks its activation map covers best (intersection over ' +
      'union), and how many units detect objects, textures, colours, ...',
  )
    .argument('<model>', 'an .onnx file, a .safetensors file or a checkpoint folder')
    .requiredOption('--data <dir>', "emoji16, or a folder in Broden's layout (index.csv, label.csv, images/)")
    .option('--layers <names>', 'layers to look into, with commas between (default: all that have maps)')
    .option(
      '--quantile <q>',
      'a unit is on above this quantile of its activations',
      numberFrom(0.5, 0.9999),
      0.995,
    )
    .option(
      '--min-iou <v>',
      'a unit detects its best concept when the IoU is above this',
      numberFrom(0, 1),
      0.04,
    )
    .option('--out <dir>', "write a tally.csv per layer, as NetDissect-Lite's")
    .option('--arch <name>', 'architecture of a checkpoint that does not say it')
    .option('--threads <n>', 'threads of one operator', parseCount, 2)
    .option('--mean <r,g,b>', 'mean the network wants subtracted, in units of its range', parseTriple)
    .option('--std <r,g,b>', 'standard deviation the network wants divided by', parseTriple)
    .action(async (path, options) => {
      const { seed, out } = options
      const progress = commandProgress(terminal, options)
      const model = await loadClassifier(path, nodeRuntime({ threads: options.threads }), manifestOf(options))
      const [height, width] = model.preprocessing.size
      const data =
        options.data === 'emoji16'
          ? await emoji16ConceptDataset(
              await emoji16({ split: 'dissection', size: height, seed, progress, signal: terminal.signal }),
            )
          : await openBroden(options.data, [height, width])
      const layers =
        options.layers?.split(',').map(name => name.trim()) ?? model.layers.map(layer => layer.name)
      if (layers.length === 0) throw new InputError(`${model.name} has no layers to dissect`)
      const probe = dissection(data, { layers, quantile: options.quantile, minimumIou: options.minIou })
      const context = { model, random: new Random(seed), progress, signal: terminal.signal }
      const result = await probe.run(context)
      await model.dispose()
      const files = result.layers.map(layer => {
        const file = join(out ?? '', `${layer.layer.replaceAll('/', '_')}.tally.csv`)
        if (out !== undefined) writeFileAtomic(file, tallyCsv(layer, data.categories))
        return file
      })
      const settings = { model: model.name, data: data.name, seed, ...(out !== undefined && { files }) }
      printResult(terminal, options, { ...settings, ...result }, () =>
        written(result, data.categories, out === undefined ? [] : files),
      )
    })
}

function written(result: Dissection, categories: readonly string[], files: readonly string[]): string {
  const header = ['layer', 'units', 'detectors', ...categories, 'concepts']
  const rows = result.layers.map(layer => [
    layer.layer,
    String(layer.units.length),
    String(layer.detectors),
    ...layer.categories.map(category => String(category.detectors)),
    String(layer.categories.reduce((sum, category) => sum + category.concepts, 0)),
  ])
  const right = header.map((_, i) => i).slice(1)
  return (
    `${result.images} images; units whose best concept has an IoU above ${result.minimumIou}, by its category\n\n` +
    table([header, ...rows], right) +
    files.map(file => `${file}\n`).join('')
  )
}
