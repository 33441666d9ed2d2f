// What a command line says about a model file beyond its path, and how it is run.

import { Option } from '@commander-js/extra-typings'
import type { Manifest } from '../classifier/manifest.ts'
import { InputError } from '../errors/input-error.ts'
import { parseCount, parseTriple } from './command.ts'

/** What every command says of the model that it takes. */
export const modelArgument = 'an .onnx file, a .safetensors file or a checkpoint folder'

/** The options of what its files do not say, for `.addOption(modelOption.arch())`. */
export const modelOption = {
  threads: () => new Option('--threads <n>', 'threads of one operator').argParser(parseCount).default(2),
  cores: () =>
    new Option(
      '--threads <n>',
      'cores to use: as many tasks are done side by side, each on one core in a process of its own',
    )
      .argParser(parseCount)
      .default(2),
  arch: () => new Option('--arch <name>', 'architecture of a checkpoint that does not say it'),
  mean: () =>
    new Option('--mean <r,g,b>', 'mean the network wants subtracted, in units of its range').argParser(
      parseTriple,
    ),
  std: () =>
    new Option('--std <r,g,b>', 'standard deviation the network wants divided by').argParser(parseTriple),
} as const

export interface ModelOptions {
  readonly arch?: string | undefined
  readonly mean?: [number, number, number] | undefined
  readonly std?: [number, number, number] | undefined
}

/** The overrides for `loadClassifier`. @throws InputError for a standard deviation that is not positive. */
export function manifestOf({ arch, mean, std }: ModelOptions): Manifest {
  if (std?.some(value => value <= 0)) throw new InputError(`--std must be positive, found ${std.join(',')}`)
  return { ...(arch !== undefined && { arch }), ...(mean && { mean }), ...(std && { std }) }
}
