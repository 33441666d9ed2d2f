// silhouette spectrum: how much of a network lives in high spatial frequencies, and at which it can be disturbed.

import { join } from 'node:path'
import type { Classifier } from '../../classifier/classifier.ts'
import { loadClassifier } from '../../classifier/load.node.ts'
import { writeCsv } from '../../data/csv.ts'
import { InputError } from '../../errors/input-error.ts'
import { writeFileAtomic } from '../../files/atomic.node.ts'
import { type FourierSensitivity, fourierSensitivity, type Spectrum, spectrum } from '../../probe/index.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import { Random } from '../../tensor/random.ts'
import {
  type AnyCommand,
  commandProgress,
  newCommand,
  numberFrom,
  parseCount,
  printResult,
  resamplesOption,
} from '../command.ts'
import { modelArgument } from '../model-options.ts'
import { layersOf, openLabelled } from '../open-data.ts'
import { writtenShare } from '../share.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'spectrum',
    'Measure the share of energy above half the Nyquist frequency, of the filters of the first convolution and (with ' +
      '--data) of activation maps; and the error on images with a wave of one frequency added (Yin et al. 2019).',
  )
    .argument('<model>', modelArgument)
    .option('--against <model>', 'a second network to show beside the first')
    .option('--data <dir>', 'emoji16, or a folder of labelled images')
    .option('--layers <names>', 'layers whose maps are measured, with commas between (default: all)')
    .option('--limit <n>', 'images whose maps are measured', parseCount, 200)
    .option('--norm <v>', 'L2 norm of the wave over three channels (default: 0.07 a value)', numberFrom(0))
    .option('--steps <n>', 'frequencies from 0 to Nyquist along each axis', parseCount, 8)
    .option('--waves <n>', 'images that waves are added to', parseCount, 64)
    .addOption(resamplesOption(2000))
    .option(
      '--out <dir>',
      'write units.csv (a share per unit) and, with --data, sensitivity.csv (an error per frequency)',
    )
    .action(async (path, options) => {
      const { seed, resamples, out, against, norm, steps, limit } = options
      if (options.data === undefined && (options.layers ?? norm) !== undefined)
        throw new InputError('--layers and --norm are about images: give --data')
      const runtime = nodeRuntime()
      const progress = commandProgress(terminal, options)
      const measured: Measured[] = []
      for (const file of against === undefined ? [path] : [path, against]) {
        const model = await loadClassifier(file, runtime)
        const context = () => ({ model, random: new Random(seed), progress, signal: terminal.signal })
        const data =
          options.data === undefined ? undefined : await openLabelled(options.data, { ...context(), seed })
        const layers = data === undefined ? [] : layersOf(model, options.layers)
        const result = await spectrum({ ...(data && { data }), layers, limit, resamples }).run(context())
        const waves =
          data &&
          (await fourierSensitivity({
            data,
            ...(norm !== undefined && { norm }),
            steps,
            limit: options.waves,
            resamples,
          }).run(context()))
        measured.push({ model, result, waves })
        await model.dispose()
      }
      if (out !== undefined) {
        writeFileAtomic(join(out, 'units.csv'), unitsCsv(measured))
        if (options.data !== undefined) writeFileAtomic(join(out, 'sensitivity.csv'), wavesCsv(measured))
      }
      const models = measured.map(({ model, result, waves }) => ({
        model: model.name,
        ...result,
        ...(waves && { sensitivity: waves }),
      }))
      printResult(
        terminal,
        options,
        { seed, resamples, models, ...(out !== undefined && { out }) },
        () => measured.map(written).join('\n') + (out === undefined ? '' : `${out}\n`),
      )
    })
}

interface Measured {
  readonly model: Classifier
  readonly result: Spectrum
  readonly waves: FourierSensitivity | undefined
}

function written({ model, result: { filters, images, layers }, waves }: Measured): string {
  const live = (shares: readonly (number | null)[]) => String(shares.filter(share => share !== null).length)
  const rows = [
    ...(filters ? [[`filters of ${filters.layer}`, live(filters.perUnit), writtenShare(filters.high)]] : []),
    ...layers.map(({ layer, high, channels }) => [
      `maps of ${layer}`,
      live(channels),
      high === null ? 'constant' : writtenShare(high),
    ]),
  ]
  const ofMaps = layers.length > 0 ? ` (maps: ${images} images, without their means)` : ''
  return (
    `${model.name}: share of energy above half the Nyquist frequency, means over units${ofMaps}\n` +
    table([['', 'units', 'share'], ...rows], [1, 2]) +
    (waves === undefined
      ? ''
      : `error on ${waves.images} images with a wave of norm ${waves.norm.toFixed(2)}: up to half Nyquist ` +
        `${writtenShare(waves.low)}, above ${writtenShare(waves.high)} (without a wave ${writtenShare(waves.clean)})\n`)
  )
}

function unitsCsv(measured: readonly Measured[]): string {
  const rows = measured.flatMap(({ model, result: { filters, layers } }) => {
    const of = (kind: string, layer: string, shares: readonly (number | null)[]) =>
      shares.map((share, unit) => ({ model: model.name, kind, layer, unit, high_share: share ?? '' }))
    return [
      ...(filters ? of('filters', filters.layer, filters.perUnit) : []),
      ...layers.flatMap(({ layer, channels }) => of('maps', layer, channels)),
    ]
  })
  return writeCsv(['model', 'kind', 'layer', 'unit', 'high_share'], rows)
}

function wavesCsv(measured: readonly Measured[]): string {
  const rows = measured.flatMap(({ model, waves }) =>
    (waves?.rows ?? []).flatMap((down, r) =>
      waves!.columns.map((across, c) => ({
        model: model.name,
        cycles_down: down,
        cycles_across: across,
        error: waves!.errors[r]![c]!,
        images: waves!.images,
      })),
    ),
  )
  return writeCsv(['model', 'cycles_down', 'cycles_across', 'error', 'images'], rows)
}
