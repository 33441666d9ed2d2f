// silhouette smoothness: how smooth the kernels of a network are, alone or beside another's.

import type { Classifier } from '../../classifier/classifier.ts'
import { loadClassifier } from '../../classifier/load.node.ts'
import { writeFileAtomic } from '../../files/atomic.node.ts'
import { type Estimate, type Smoothness, smoothness } from '../../probe/index.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import { Random } from '../../tensor/random.ts'
import { type AnyCommand, commandProgress, newCommand, parseCount, printResult } from '../command.ts'
import type { Terminal } from '../terminal.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'smoothness',
    'Measure the total variation of the kernels of every convolution larger than 1x1: as they are (raw), scaled to ' +
      'norm 1 (unit, which shows their form alone), and with batch normalisation folded in (folded). Smaller is smoother.',
  )
    .argument('<model>', 'an .onnx file, a .safetensors file or a checkpoint folder')
    .option('--against <model>', 'a second network to show beside the first')
    .option('--out <file>', 'write the value of every unit as CSV')
    .option('--resamples <n>', 'bootstrap resamples behind each interval', parseCount, 2000)
    .action(async (path, options) => {
      const { seed, resamples, out, against } = options
      const runtime = nodeRuntime()
      const measured: Measured[] = []
      for (const file of against === undefined ? [path] : [path, against]) {
        const model = await loadClassifier(file, runtime)
        measured.push({ model, result: await run(model) })
        await model.dispose()
      }
      if (out !== undefined) writeFileAtomic(out, perUnitCsv(measured))
      const models = measured.map(({ model, result }) => ({ model: model.name, ...result }))
      printResult(
        terminal,
        options,
        { seed, resamples, models, ...(out !== undefined && { out }) },
        () => measured.map(written).join('\n') + (out === undefined ? '' : `${out}\n`),
      )

      function run(model: Classifier): Promise<Smoothness> {
        return smoothness({ resamples }).run({
          model,
          random: new Random(seed),
          progress: commandProgress(terminal, options),
          signal: terminal.signal,
        })
      }
    })
}

interface Measured {
  readonly model: Classifier
  readonly result: Smoothness
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
