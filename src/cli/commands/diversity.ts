// silhouette diversity: how alike the images are that excite each unit of a network most, alone or beside another's.

import type { Classifier } from '../../classifier/classifier.ts'
import { loadClassifier } from '../../classifier/load.node.ts'
import { writeCsv } from '../../data/csv.ts'
import { writeFileAtomic } from '../../files/atomic.node.ts'
import {
  compareDiversity,
  type Diversity,
  type DiversityComparison,
  diversity,
  diversityMeasures,
  type Estimate,
} from '../../probe/index.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import { Random } from '../../tensor/random.ts'
import {
  type AnyCommand,
  commandProgress,
  integerFrom,
  newCommand,
  parseCount,
  printResult,
} from '../command.ts'
import { modelArgument, modelOption } from '../model-options.ts'
import { layersOf, openLabelled } from '../open-data.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'diversity',
    'For the images that excite each unit most: mean MS-SSIM over their pairs (higher means fewer types of inputs), mean ' +
      'distance of their features, and the entropies of their labels and colours in bits.',
  )
    .argument('<model>', modelArgument)
    .requiredOption('--data <dir>', 'emoji16, or a folder of labelled images')
    .option('--against <model>', 'a second network, compared by permutation tests over units')
    .option('--features <model>', 'the network whose features are compared (default: each its own)')
    .option('--layers <names>', 'layers to look into, with commas between (default: all)')
    .option('--top <n>', 'images per unit', integerFrom(2), 25)
    .option(
      '--resamples <n>',
      'resamples behind each interval and permutations behind each p-value',
      parseCount,
      2000,
    )
    .addOption(modelOption.threads())
    .option('--out <file>', 'write the measures of every unit as CSV')
    .action(async (path, options) => {
      const { seed, resamples, out, against, top } = options
      const runtime = nodeRuntime({ threads: options.threads })
      const progress = commandProgress(terminal, options)
      const features =
        options.features === undefined ? undefined : await loadClassifier(options.features, runtime)
      const measured: Measured[] = []
      for (const file of against === undefined ? [path] : [path, against]) {
        const model = await loadClassifier(file, runtime)
        const context = { model, random: new Random(seed), progress, signal: terminal.signal }
        const data = await openLabelled(options.data, { ...context, seed })
        const layers = layersOf(model, options.layers)
        const probe = diversity({ data, layers, top, resamples, ...(features && { features }) })
        measured.push({ model, result: await probe.run(context) })
        await model.dispose()
      }
      await features?.dispose()
      const [first, second] = measured
      const comparison =
        second && compareDiversity(first!.result, second.result, { random: new Random(seed), resamples })
      if (out !== undefined) writeFileAtomic(out, unitsCsv(measured))
      const models = measured.map(({ model, result }) => ({ model: model.name, ...result }))
      const settings = { seed, resamples, ...(out !== undefined && { out }) }
      printResult(
        terminal,
        options,
        { ...settings, models, ...(comparison && { comparison }) },
        () =>
          measured.map(written).join('\n') +
          (comparison ? writtenComparison(comparison, measured) : '') +
          (out === undefined ? '' : `${out}\n`),
      )
    })
}

interface Measured {
  readonly model: Classifier
  readonly result: Diversity
}

const cell = (estimate: Estimate | null) =>
  estimate === null
    ? '-'
    : `${estimate.value.toFixed(3)} [${estimate.low.toFixed(3)}, ${estimate.high.toFixed(3)}]`

function written({ model, result }: Measured): string {
  const rows = result.layers.map(layer => [
    layer.layer,
    String(layer.units.length - layer.silent),
    ...diversityMeasures.map(measure => cell(layer[measure])),
  ])
  const header = ['layer', 'units', 'MS-SSIM', 'feature distance', 'label bits', 'colour bits']
  return (
    `${model.name}: the ${result.top} images that excite a unit most, of ${result.images}; means over units with 95 % ` +
    `intervals; features of ${result.features}\n` +
    table([header, ...rows], [1, 2, 3, 4, 5])
  )
}

function writtenComparison(
  comparison: readonly DiversityComparison[],
  [first, second]: readonly Measured[],
): string {
  const rows = comparison.map(({ layer, measure, difference, p, n, paired }) => [
    layer,
    measure,
    cell(difference),
    p.toFixed(4),
    `${n} ${paired ? 'pairs' : 'units'}`,
  ])
  return (
    `\n${first!.model.name} minus ${second!.model.name}, by permutation of units (p-values not corrected)\n` +
    table([['layer', 'measure', 'difference', 'p', 'n'], ...rows], [2, 3, 4])
  )
}

function unitsCsv(measured: readonly Measured[]): string {
  const rows = measured.flatMap(({ model, result }) =>
    result.layers.flatMap(({ layer, units }) =>
      units.map(unit => ({
        model: model.name,
        layer,
        unit: unit.channel,
        similarity: unit.similarity ?? '',
        feature_distance: unit.featureDistance ?? '',
        label_entropy: unit.labelEntropy ?? '',
        colour_entropy: unit.colourEntropy ?? '',
        images: unit.images.join(' '),
      })),
    ),
  )
  return writeCsv(
    [
      ...(['model', 'layer', 'unit', 'similarity', 'feature_distance'] as const),
      ...(['label_entropy', 'colour_entropy', 'images'] as const),
    ],
    rows,
  )
}
