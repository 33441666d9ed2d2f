// silhouette train: a standard or adversarially trained network from a recipe file, flags, or both.

import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { InputError } from '../../errors/input-error.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import { openTrainingData } from '../../train/data.node.ts'
import { Recipe } from '../../train/recipe.ts'
import { trainInFolder } from '../../train/run.node.ts'
import {
  type AnyCommand,
  commandProgress,
  integerFrom,
  newCommand,
  numberFrom,
  parseCount,
  parseEpsilon,
  parseNorm,
  printResult,
} from '../command.ts'
import type { Terminal } from '../terminal.ts'

export function command(terminal: Terminal): AnyCommand {
  const train = newCommand(
    'train',
    'Train a network, standard or adversarially. A run that was stopped goes on at its last finished epoch.',
  )
  return train
    .requiredOption('--out <dir>', 'where checkpoint, model, recipe and log go')
    .option('--config <file>', 'recipe as YAML or JSON; flags change single settings of it')
    .option('--arch <name>', 'architecture of the zoo, such as mini-alex')
    .option('--width <n>', 'channels of the first convolution (mini nets)', parseCount)
    .option('--data <name>', 'emoji16, a folder of class folders, or a folder of IDX files')
    .option('--validation <dir>', 'folder to measure accuracy on after every epoch')
    .option('--size <px>', 'height and width of the images', parseCount)
    .option('--limit <n>', 'train on a random choice of so many images', parseCount)
    .option('--epochs <n>', 'passes over the images (default: 8)', parseCount)
    .option('--batch-size <n>', 'images per step (default: 64)', parseCount)
    .option('--lr <rate>', 'peak learning rate (default: 0.1)', numberFrom(0))
    .option('--momentum <m>', 'momentum (default: 0.9)', numberFrom(0, 1))
    .option('--weight-decay <w>', 'weight decay (default: 5e-4)', numberFrom(0))
    .option('--crop <px>', 'augment by crops after padding by so many pixels', integerFrom(0))
    .option('--flip', 'augment by mirroring')
    .option('--adversarial <norm>', 'train on attacked images: L2 or Linf', parseNorm)
    .option('--eps <e>', 'radius of the attack in pixel units of 0 to 1, such as 3 or 8/255', parseEpsilon)
    .option('--steps <n>', 'gradient steps of the attack (default: 7)', parseCount)
    .option('--step-size <s>', 'length of its steps (default: 2.5 eps / steps)', numberFrom(0))
    .option('--no-random-start', 'attack from the image itself, not from a random point of the ball')
    .option('--threads <n>', 'threads of one operator', parseCount, 2)
    .action(async options => {
      const seed = train.getOptionValueSource('seed') === 'cli' ? options.seed : undefined
      const recipe = readRecipe(options.config, {
        ...present({
          arch: options.arch,
          width: options.width,
          data: options.data,
          validation: options.validation,
          size: options.size,
          limit: options.limit,
          seed,
          epochs: options.epochs,
          batchSize: options.batchSize,
          learningRate: options.lr,
          momentum: options.momentum,
          weightDecay: options.weightDecay,
        }),
        augment: present({ crop: options.crop, flip: options.flip }),
        adversarial: present({
          norm: options.adversarial,
          epsilon: options.eps,
          steps: options.steps,
          stepSize: options.stepSize,
          randomStart: options.randomStart ? undefined : false,
        }),
      })
      const progress = commandProgress(terminal, options)
      const { signal } = terminal
      const { data, validation } = await openTrainingData(recipe, { progress, signal })
      const runtime = nodeRuntime({ threads: options.threads })
      const { state, onnx } = await trainInFolder({
        recipe,
        data,
        validation,
        runtime,
        out: options.out,
        progress,
        signal,
      })
      const last = state.log.at(-1)!
      printResult(terminal, options, { recipe, log: state.log, model: onnx }, () => {
        const validated = last.validationAccuracy
        const trained = `loss ${last.loss.toFixed(3)}, accuracy ${last.accuracy.toFixed(3)} in the last epoch`
        return `${trained}${validated === undefined ? '' : `; validation accuracy ${validated.toFixed(3)}`}\n${onnx}\n`
      })
    })
}

type Settings = Readonly<Record<string, unknown>>

/** The recipe in `path` with these settings changed. `augment` and `adversarial` change setting by setting. */
function readRecipe(
  path: string | undefined,
  flags: Settings & { augment: Settings; adversarial: Settings },
): Recipe {
  const base = path === undefined ? {} : readSettings(path)
  const nested = (key: 'augment' | 'adversarial') => {
    const merged = { ...asSettings(base[key]), ...flags[key] }
    return Object.keys(merged).length > 0 ? { [key]: merged } : {}
  }
  const { augment, adversarial, ...plain } = { ...base, ...flags }
  const result = Recipe.safeParse({ ...plain, ...nested('augment'), ...nested('adversarial') })
  if (result.success) return result.data
  const [issue] = result.error.issues
  const where = issue?.path.join('.')
  const flag = where === 'adversarial.norm' ? ' (--adversarial L2 or Linf)' : ''
  throw new InputError(
    `${path ?? 'recipe'}: ${where ? `${where}: ` : ''}${issue?.message.replace(/^./, c => c.toLowerCase())}${flag}`,
  )
}

function readSettings(path: string): Settings {
  let found: unknown
  try {
    found = parse(readFileSync(path, 'utf8'))
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n')
    throw new InputError(`cannot read the recipe ${path}: ${reason}`, { cause: error })
  }
  if (typeof found !== 'object' || found === null || Array.isArray(found)) {
    throw new InputError(`${path} must hold settings such as "arch: mini-alex", one a line`)
  }
  return asSettings(found)
}

function asSettings(value: unknown): Settings {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

/** Without the settings that were not given. */
function present(settings: Settings): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
}
