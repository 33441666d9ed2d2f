// `silhouette inspect`: prints a network, its preprocessing manifest, and what looks wrong with them.

import { existsSync, readdirSync, statSync } from 'node:fs'
import type { Classifier } from '../../classifier/classifier.ts'
import { type Inspection, inspect } from '../../classifier/inspect.ts'
import { classifierOf, readModel } from '../../classifier/load.node.ts'
import type { Manifest } from '../../classifier/manifest.ts'
import type { Dataset } from '../../data/dataset.ts'
import { openIdx } from '../../data/idx.node.ts'
import { openImageFolder } from '../../data/image-folder.node.ts'
import { InputError } from '../../errors/input-error.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import { formatShape } from '../../tensor/shape.ts'
import {
  type AnyCommand,
  CheckFailed,
  commandProgress,
  newCommand,
  oneOf,
  parseCount,
  printResult,
} from '../command.ts'
import { modelOption } from '../model-options.ts'
import type { Terminal } from '../terminal.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand('inspect', 'Print a network, its preprocessing manifest, and what looks wrong with them.')
    .argument('<model>', 'an .onnx file, a checkpoint or a folder with one')
    .option('--data <dir>', 'labelled images to measure on: class folders or IDX files')
    .option('--limit <n>', 'images measured on, drawn at random by the seed', parseCount, 256)
    .option('--batch-size <n>', 'images at once', parseCount, 16)
    .addOption(modelOption.threads())
    .addOption(modelOption.arch())
    .option('--size <n>', 'height and width of the input in pixels', parseCount)
    .addOption(modelOption.mean())
    .addOption(modelOption.std())
    .option('--channels <order>', 'rgb or bgr', oneOf(['rgb', 'bgr'] as const))
    .option('--range <max>', 'greatest value of a pixel, 1 or 255', oneOf(['1', '255'] as const))
    .option('--output <kind>', 'logits or probabilities', oneOf(['logits', 'probabilities'] as const))
    .option('--check', 'exit with code 1 when something looks wrong')
    .action(async (path, options) => {
      const { arch, size, mean, std, channels, range, output } = options
      const overrides: Manifest = {
        ...(arch !== undefined && { arch }),
        ...(size !== undefined && { size: [size, size] }),
        ...(mean && { mean }),
        ...(std && { std: requirePositive(std) }),
        ...(channels && { channels }),
        ...(range && { range: range === '1' ? 1 : 255 }),
        ...(output && { output }),
      }
      const file = readModel(path, overrides)
      const model = await classifierOf(file, nodeRuntime({ threads: options.threads }))
      try {
        const sample = { count: options.limit, seed: options.seed }
        const data = options.data === undefined ? undefined : await openData(options.data, model, sample)
        const result = await inspect(model, file, data, {
          batchSize: options.batchSize,
          progress: commandProgress(terminal, options),
          signal: terminal.signal,
        })
        printResult(terminal, options, result, () => describe(result))
        if (options.check && result.lints.length > 0)
          throw new CheckFailed(`${wrongThings(result.lints.length)} with ${path}`)
      } finally {
        await model.dispose()
      }
    })
}

function requirePositive(std: [number, number, number]): [number, number, number] {
  if (std.some(value => value <= 0)) throw new InputError(`--std must be positive, found ${std.join(',')}`)
  return std
}

function openData(
  path: string,
  { preprocessing, classes }: Classifier,
  sample: { count: number; seed: number },
): Promise<Dataset> {
  if (!existsSync(path) || !statSync(path).isDirectory())
    throw new InputError(`no data at ${path}: name a folder of class folders or of IDX files`)
  const isIdx = readdirSync(path).some(name => name.includes('idx3-ubyte'))
  if (isIdx) return openIdx(path, preprocessing, { sample, classes })
  return openImageFolder(path, preprocessing, { sample })
}

function describe({
  name,
  fingerprint,
  classes,
  preprocessing,
  origins,
  network,
  data,
  lints,
}: Inspection): string {
  const list = classes.length > 6 ? `${classes.slice(0, 5).join(', ')}, …` : classes.join(', ')
  const operators = Object.entries(network.operators).map(([op, count]) => `${op} ${count}`)
  const manifest = Object.entries(preprocessing).map(([field, value]) => [
    field,
    Array.isArray(value) ? value.join(' ') : String(value),
    origins[field] ?? '',
  ])
  const layers = network.layers.map(layer => [
    layer.name,
    String(layer.units),
    formatShape(layer.shape),
    short(layer.parameters),
    short(layer.macs),
    layer.receptiveField.join('x'),
  ])
  return [
    `${name}: images ${formatShape(network.input)} to ${classes.length} classes (${list})`,
    `${short(network.parameters)} parameters, ${short(network.macs)} multiply-accumulates per image, ${network.nodes} nodes`,
    `operators: ${operators.slice(0, 8).join(', ')}${operators.length > 8 ? ', …' : ''}`,
    `fingerprint ${fingerprint}`,
    '',
    table([['preprocessing', '', 'from'], ...manifest]),
    table([['layer', 'units', 'shape', 'parameters', 'MACs', 'sees (px)'], ...layers]),
    ...(data ? [describeData(data)] : []),
    lints.length === 0 ? 'nothing looks wrong' : wrongThings(lints.length),
    ...lints.map(lint => `  ${lint.code}: ${lint.message}`),
    '',
  ].join('\n')
}

function describeData(data: NonNullable<Inspection['data']>): string {
  const numbers = (values: readonly number[]) => values.map(value => value.toPrecision(3)).join(' ')
  const dead = Object.entries(data.deadUnits).map(([layer, units]) => `${layer} ${units.length}`)
  const best = data.variants.slice(0, 3)
  return [
    `${data.images} images of ${data.data}${data.accuracy === undefined ? '' : `: accuracy ${data.accuracy.toFixed(3)}`}`,
    `  the network sees mean ${numbers(data.seen.mean)}, deviation ${numbers(data.seen.std)}`,
    `  units that never change: ${dead.join(', ') || 'none'}`,
    ...best.map(({ manifest, accuracy }) => `  with ${manifest}: ${accuracy.toFixed(3)}`),
    '',
  ].join('\n')
}

const wrongThings = (count: number) => (count === 1 ? '1 thing looks wrong' : `${count} things look wrong`)

/** Rows in aligned columns, followed by an empty line. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)))
  const lines = rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
  return `${lines.join('\n')}\n`
}

/** 25.6M, 4.09G. */
function short(count: number): string {
  const units = ['', 'k', 'M', 'G', 'T']
  const power = count < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(count) / 3))
  return power === 0 ? String(count) : `${(count / 1000 ** power).toPrecision(3)}${units[power]}`
}
