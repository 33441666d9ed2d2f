// silhouette dissect: which concepts the units of a network detect.

import { join } from 'node:path'
import { loadClassifier } from '../../classifier/load.node.ts'
import { InputError } from '../../errors/input-error.ts'
import { writeFileAtomic } from '../../files/atomic.node.ts'
import { encodePng } from '../../image/codec.node.ts'
import { type Dissection, dissection, tallyCsv, unitPictures, wilson } from '../../probe/index.ts'
import { imageSource, renderDissection } from '../../report/index.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import { Random } from '../../tensor/random.ts'
import {
  type AnyCommand,
  commandProgress,
  newCommand,
  numberFrom,
  oneOf,
  parseCount,
  printResult,
} from '../command.ts'
import { manifestOf, modelArgument, modelOption } from '../model-options.ts'
import { layersOf, openConcepts } from '../open-data.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { packageVersion } from '../version.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'dissect',
    'Network Dissection: for every unit, the concept whose masks its activation map covers best (intersection over ' +
      'union), and how many units detect objects, textures, colours, ...',
  )
    .argument('<model>', modelArgument)
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
    .option(
      '--rules <name>',
      "definition: maps are placed by the network's real geometry; netdissect-lite: as that code counts",
      oneOf(['definition', 'netdissect-lite'] as const),
      'definition',
    )
    .option('--out <dir>', "write a page (dissection.html), and a tally.csv per layer as NetDissect-Lite's")
    .option(
      '--pictures <n>',
      'write the top images of the n best units of every layer to --out, and show them on the page',
      parseCount,
    )
    .addOption(modelOption.arch())
    .addOption(modelOption.threads())
    .addOption(modelOption.mean())
    .addOption(modelOption.std())
    .action(async (path, options) => {
      const { seed, out } = options
      const progress = commandProgress(terminal, options)
      const model = await loadClassifier(path, nodeRuntime({ threads: options.threads }), manifestOf(options))
      const context = { model, random: new Random(seed), progress, signal: terminal.signal }
      const data = await openConcepts(options.data, { ...context, seed })
      const layers = layersOf(model, options.layers)
      if (layers.length === 0) throw new InputError(`${model.name} has no layers to dissect`)
      if (options.pictures !== undefined && out === undefined)
        throw new InputError('--pictures needs --out: name a folder to write them to')
      const { quantile, minIou: minimumIou, rules } = options
      const result = await dissection(data, { layers, quantile, minimumIou, rules }).run(context)
      const units = result.layers.flatMap(({ layer, units: all }) =>
        [...all]
          .sort((a, b) => (b.scores[0]?.iou ?? 0) - (a.scores[0]?.iou ?? 0))
          .slice(0, options.pictures ?? 0)
          .map(({ channel }) => ({ layer, channel })),
      )
      const pictures = await unitPictures({ data, dissection: result, units, encodePng }, context)
      await model.dispose()
      const shown = pictures.map(({ layer, channel, png }) => {
        const file = `${fileName(layer)}-${channel}.png`
        writeFileAtomic(join(out ?? '', file), png)
        return { layer, channel, source: imageSource(file, png) }
      })
      if (out !== undefined) {
        const page = {
          model: model.name,
          data: data.name,
          dissection: result,
          shown,
          version: packageVersion(),
        }
        writeFileAtomic(join(out, 'dissection.html'), renderDissection(page))
      }
      const files = result.layers.map(layer => {
        const file = join(out ?? '', `${fileName(layer.layer)}.tally.csv`)
        if (out !== undefined) writeFileAtomic(file, tallyCsv(layer, data.categories))
        return file
      })
      const settings = { model: model.name, data: data.name, seed, ...(out !== undefined && { files }) }
      printResult(terminal, options, { ...settings, ...result }, () =>
        written(result, data.categories, out === undefined ? [] : files),
      )
    })
}

/** 95 % interval of a share of units. */
function shareOf(count: number, units: number): string {
  const { low, high } = wilson(count, units)
  return `[${(100 * low).toFixed(0)}, ${(100 * high).toFixed(0)} %]`
}

const fileName = (layer: string) => layer.replaceAll(/[^\w.-]/g, '_')

function written(result: Dissection, categories: readonly string[], files: readonly string[]): string {
  const header = ['layer', 'units', 'detectors', ...categories, 'concepts']
  const rows = result.layers.map(layer => [
    layer.layer,
    String(layer.units.length),
    `${layer.detectors} ${shareOf(layer.detectors, layer.units.length)}`,
    ...layer.categories.map(category => String(category.detectors)),
    String(layer.concepts),
  ])
  const right = header.map((_, i) => i).slice(1)
  return (
    `${result.images} images; units whose best concept has an IoU above ${result.minimumIou}, by its category\n\n` +
    table([header, ...rows], right) +
    files.map(file => `${file}\n`).join('')
  )
}
