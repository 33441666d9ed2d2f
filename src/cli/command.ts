// What all commands share: how one is defined, the options every command has, and the parsing of values.
//
// A command file `commands/<name>.ts` exports one function `command(terminal)`:
//
//   export function command(terminal: Terminal): AnyCommand {
//     return newCommand('gradient', 'Write the gradient of the loss with respect to the images')
//       .argument('<model>', 'an .onnx file, a .safetensors file or a checkpoint folder')
//       .option('--eps <e>', 'radius of the ball, such as 3 or 8/255', parseEpsilon, 3)
//       .action(async (model, options) => {
//         const result = await work(model, options.eps, commandProgress(terminal, options), terminal.signal)
//         printResult(terminal, options, result, () => `${result.count} gradients in ${options.out}\n`)
//       })
//   }
//
// and is listed in `commands.ts`. Bad input is an InputError; a check that failed is a CheckFailed.

import { Command, type CommandUnknownOpts, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import type { InputError } from '../errors/input-error.ts'
import { type Progress, silent } from '../progress/progress.ts'
import { terminalProgress } from './progress.ts'
import type { Terminal } from './terminal.ts'

/** A finished command, whatever its arguments and options. */
export type AnyCommand = CommandUnknownOpts

/** The command did its work and the answer is no: exit code 1, the message alone on stderr. */
export class CheckFailed extends Error {
  override readonly name = 'CheckFailed'
}

const shared = 'Options of every command:'

/** A command with the options that every command has: `--seed`, `--json`, `--quiet`. */
export const newCommand = <Name extends string>(name: Name, description: string) =>
  new Command(name)
    .description(description)
    .addOption(
      new Option('--seed <n>', 'seed of every random draw')
        .argParser(integerFrom(0))
        .default(0)
        .helpGroup(shared),
    )
    .addOption(new Option('--json', 'print the result as JSON').helpGroup(shared))
    .addOption(new Option('--quiet', 'show no progress').helpGroup(shared))

/** The values of the options that {@link newCommand} adds. */
export interface SharedOptions {
  readonly seed: number
  readonly json?: boolean | undefined
  readonly quiet?: boolean | undefined
}

/** The progress that the command's work should report to. */
export function commandProgress(terminal: Terminal, options: SharedOptions): Progress {
  return options.quiet ? silent : terminalProgress(terminal.err, { color: terminal.color })
}

/** Prints a result to stdout: `value` as JSON under `--json`, else `text()`, which ends its lines itself. */
export function printResult(
  terminal: Terminal,
  options: SharedOptions,
  value: unknown,
  text: () => string,
): void {
  terminal.out.write(options.json ? `${JSON.stringify(value, undefined, 2)}\n` : text())
}

/** Orders the groups of a help text: a command's own options first, the shared ones last. */
export function ownOptionsFirst<T>(
  _unsorted: T[],
  visible: T[],
  groupOf: (item: T) => string,
): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const last of [false, true]) {
    for (const item of visible) {
      const group = groupOf(item)
      if ((group === shared) === last) groups.set(group, [...(groups.get(group) ?? []), item])
    }
  }
  return groups
}

// ---- parsers of option values, given to commander's `.option(flags, description, parser, default)` ----

/** A parser of integers of at least `low` and at most `high`. */
export function integerFrom(low: number, high = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const expected =
    Number.isFinite(high) && high < Number.MAX_SAFE_INTEGER ? `from ${low} to ${high}` : `of at least ${low}`
  return text => {
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= low && value <= high)) throw new InvalidArgumentError(`expected an integer ${expected}`)
    return value
  }
}

/** A count of things: an integer of at least 1. */
export const parseCount = integerFrom(1)

/** `--skip-bad`, for what reads images. */
export const skipBadOption = () =>
  new Option('--skip-bad', 'leave out images that cannot be read, and say which')

/** Says on stderr what {@link skipBadOption} left out. */
export function tellSkipped(terminal: Terminal, skipped: readonly InputError[]): void {
  for (const fault of skipped) terminal.err.write(`silhouette: skipped ${fault.message}\n`)
}

/** `--resamples`: fewer than 100 give no interval worth the name. */
export const resamplesOption = (count: number) =>
  new Option('--resamples <n>', 'resamples behind intervals and p-values')
    .argParser(integerFrom(100))
    .default(count)

/** A parser of real numbers of at least `low` and at most `high`; fractions such as `8/255` are read too. */
export function numberFrom(low: number, high = Number.POSITIVE_INFINITY): (text: string) => number {
  const expected = Number.isFinite(high) ? `from ${low} to ${high}` : `of at least ${low}`
  return text => {
    const value = fraction(text)
    if (!(value >= low && value <= high && Number.isFinite(value))) {
      throw new InvalidArgumentError(`expected a number ${expected}, such as 3 or 8/255`)
    }
    return value
  }
}

/** The radius of a ball in pixel space [0, 1]: a number or a fraction (`8/255`), not negative. */
export const parseEpsilon = numberFrom(0)

/** A radius as it was written and as a number. */
export interface WrittenEpsilon {
  readonly text: string
  readonly value: number
}

/** Radii separated by commas: `1/255,2/255,4/255`. */
export function parseEpsilons(text: string): WrittenEpsilon[] {
  return text.split(',').map(part => ({ text: part.trim(), value: parseEpsilon(part) }))
}

/** The norm of a perturbation: `L2` or `Linf`, in any case. */
export function parseNorm(text: string): 'L2' | 'Linf' {
  const norm = (['L2', 'Linf'] as const).find(known => known.toLowerCase() === text.toLowerCase())
  if (norm === undefined) throw new InvalidArgumentError('expected L2 or Linf')
  return norm
}

/** Three numbers, one per colour channel: `0.485,0.456,0.406`, or one number for all three. */
export function parseTriple(text: string): [number, number, number] {
  const values = text.split(',').map(fraction)
  const [r = Number.NaN, g = values.length === 1 ? r : Number.NaN, b = values.length === 1 ? r : Number.NaN] =
    values
  if (values.length > 3 || ![r, g, b].every(Number.isFinite)) {
    throw new InvalidArgumentError('expected one number or three, such as 0.485,0.456,0.406')
  }
  return [r, g, b]
}

/** One of `known`, in any case. */
export function oneOf<T extends string>(known: readonly T[]): (text: string) => T {
  return text => {
    const value = known.find(k => k.toLowerCase() === text.toLowerCase())
    if (value === undefined) throw new InvalidArgumentError(`expected one of ${known.join(', ')}`)
    return value
  }
}

/** Some of `known`, separated by commas, in any case. */
export function listOf<T extends string>(known: readonly T[]): (text: string) => T[] {
  const one = oneOf(known)
  return text => text.split(',').map(part => one(part.trim()))
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

function fraction(text: string): number {
  const parts = text.trim().split('/')
  if (parts.length > 2 || !parts.every(part => decimal.test(part))) return Number.NaN
  const [over = Number.NaN, under = 1] = parts.map(Number)
  return over / under
}
