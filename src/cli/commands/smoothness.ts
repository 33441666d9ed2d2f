// silhouette smoothness: how smooth the kernels of a network are, alone or beside another's.

import type { Classifier } from '../../classifier/classifier.ts'
import { loadClassifier } from '../../classifier/load.node.ts'
import { writeCsv } from '../../data/csv.ts'
import { InputError } from '../../errors/input-error.ts'
import { writeFileAtomic } from '../../files/atomic.node.ts'
import {
  type ActivationSmoothness,
  activationSmoothness,
  type Estimate,
  passesNoise,
  type Smoothness,
  smoothness,
} from '../../probe/index.ts'
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
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'smoothness',
    'Measure the total variation of the kernels of every convolution larger than 1x1: as they are (raw), scaled to ' +
      'norm 1 (unit, which shows their form alone), and with batch normalisation folded in (folded). Smaller is smoother. ' +
      'With --data also that of the activation maps of clean and noisy images, and how many channels pass noise on.',
  )
    .argument('<model>', modelArgument)
    .option('--against <model>', 'a second network to show beside the first')
    .option('--data <dir>', 'emoji16, or a folder of labelled images: measure activation maps as well')
    .option('--layers <names>', 'layers whose maps are measured, with commas between (default: all)')
    .option('--sigma <s>', 'standard deviation of the noise, pixels in [0, 1]', numberFrom(0, 1), 0.08)
    .option('--limit <n>', 'images whose maps are measured', parseCount, 400)
    .option('--out <file>', 'write the value of every unit as CSV')
    .option('--out-maps <file>', 'write the value of every channel, clean and noisy, as CSV')
    .addOption(resamplesOption(2000))
    .action(async (path, options) => {
      const { seed, resamples, out, outMaps, against, sigma, limit } = options
      if (outMaps !== undefined && options.data === undefined)
        throw new InputError('--out-maps needs --data: images whose maps are measured')
      const runtime = nodeRuntime()
      const progress = commandProgress(terminal, options)
      const measured: Measured[] = []
      for (const file of against === undefined ? [path] : [path, against]) {
        const model = await loadClassifier(file, runtime)
        const context = () => ({ model, random: new Random(seed), progress, signal: terminal.signal })
        const result = await smoothness({ resamples }).run(context())
        let maps: ActivationSmoothness | undefined
        if (options.data !== undefined) {
          const data = await openLabelled(options.data, { ...context(), seed })
          const layers = layersOf(model, options.layers)
          maps = await activationSmoothness({ data, layers, sigma, limit, resamples }).run(context())
        }
        measured.push({ model, result, maps })
        await model.dispose()
      }
      if (out !== undefined) writeFileAtomic(out, perUnitCsv(measured))
      if (outMaps !== undefined) writeFileAtomic(outMaps, perChannelCsv(measured))
      const models = measured.map(({ model, result, maps }) => ({
        model: model.name,
        ...result,
        ...(maps && { maps: { ...maps, layers: maps.layers.map(layer => withNoise(layer, measured)) } }),
      }))
      const files = [out, outMaps].filter(file => file !== undefined)
      printResult(
        terminal,
        options,
        {
          seed,
          resamples,
          models,
          ...(out !== undefined && { out }),
          ...(outMaps !== undefined && { outMaps }),
        },
        () =>
          measured.map(written).join('\n') +
          measured.map(m => writtenMaps(m, measured)).join('') +
          files.map(file => `${file}\n`).join(''),
      )
    })
}

interface Measured {
  readonly model: Classifier
  readonly result: Smoothness
  readonly maps: ActivationSmoothness | undefined
}

/** A layer with the channels that pass noise on, held against the first network (S), where that has the layer. */
function withNoise(layer: ActivationSmoothness['layers'][number], [first]: readonly Measured[]) {
  const reference = first?.maps?.layers.find(other => other.layer === layer.layer) ?? layer
  const { channels, share } = passesNoise(layer, reference.clean.value)
  return { ...layer, passing: channels.filter(Boolean).length, passingShare: share }
}

function writtenMaps({ model, maps }: Measured, all: readonly Measured[]): string {
  if (maps === undefined) return ''
  const cell = ({ value, low, high }: Estimate, digits: number) =>
    `${value.toFixed(digits)} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`
  const rows = maps.layers.map(layer => {
    const { passing, passingShare } = withNoise(layer, all)
    const units = layer.channels.clean.length
    return [
      layer.layer,
      cell(layer.clean, 1),
      cell(layer.noisy, 1),
      `${passing} of ${units}`,
      cell(passingShare, 2),
    ]
  })
  return (
    `\n${model.name}: total variation of its activation maps on ${maps.images} images, clean and with noise of ` +
    `sigma ${maps.sigma}; channels that pass the noise on (a change of 0.2 of ${all[0]!.model.name}'s mean)\n` +
    table([['layer', 'clean', 'noisy', 'passing', 'share'], ...rows], [1, 2, 3, 4])
  )
}

function perChannelCsv(measured: readonly Measured[]): string {
  const rows = measured.flatMap(({ model, maps }) =>
    (maps?.layers ?? []).flatMap(({ layer, channels }) =>
      channels.clean.map((clean, unit) => ({
        model: model.name,
        layer,
        unit,
        clean,
        noisy: channels.noisy[unit]!,
      })),
    ),
  )
  return writeCsv(['model', 'layer', 'unit', 'clean', 'noisy'], rows)
}

function written({ model, result }: Measured): string {
  const width = Math.max(7, ...result.layers.map(({ layer }) => layer.length)) + 2
  const cell = ({ value, low, high }: Estimate) =>
    `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`.padStart(24)
  const row = (name: string, units: string, kernel: string, of: Smoothness['network']) =>
    `  ${name.padEnd(width)}${units.padStart(6)}${kernel.padStart(8)}${cell(of.unitNorm)}${cell(of.folded)}${cell(of.raw)}\n`
  const head = ['unit', 'folded', 'raw'].map(name => name.padStart(24)).join('')
  return (
    `${model.name}: mean total variation of its kernels, with 95 % intervals\n` +
    `  ${'layer'.padEnd(width)}${'units'.padStart(6)}${'kernel'.padStart(8)}${head}\n` +
    result.layers
      .map(layer => row(layer.layer, String(layer.units), layer.kernel.join('x'), layer))
      .join('') +
    row('network', '', '', result.network)
  )
}

function perUnitCsv(measured: readonly Measured[]): string {
  const rows = measured.flatMap(({ model, result }) =>
    result.layers.flatMap(({ layer, perUnit }) =>
      perUnit.raw.map((raw, unit) =>
        [model.name, layer, unit, perUnit.unitNorm[unit], perUnit.folded[unit], raw].join(),
      ),
    ),
  )
  return `model,layer,unit,unit_norm,folded,raw\n${rows.join('\n')}\n`
}
