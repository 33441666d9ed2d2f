// silhouette train: a standard or adversarially trained network from a recipe file, flags, or both.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { InputError } from '../../errors/input-error.ts'
import { writeFileAtomic } from '../../files/atomic.node.ts'
import { trainingCurves } from '../../report/charts/training-curves.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import { openTrainingData } from '../../train/data.node.ts'
import { Recipe } from '../../train/recipe.ts'
import { bestEpoch } from '../../train/robust-validation.ts'
import { trainInFolder } from '../../train/run.node.ts'
import type { EpochLog } from '../../train/state.ts'
import { activations, denoisers } from '../../zoo/index.ts'
import {
  type AnyCommand,
  commandProgress,
  integerFrom,
  newCommand,
  numberFrom,
  oneOf,
  parseCount,
  parseEpsilon,
  parseNorm,
  printResult,
} from '../command.ts'
import { modelOption } from '../model-options.ts'
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
    .option('--depth <n>', 'convolutions of mini-alex, blocks per stage of mini-res', parseCount)
    .option('--activation <name>', `activation function: ${activations.join(', ')}`, oneOf(activations))
    .option('--sharpness <a>', 'how near softplus and smooth-relu are to ReLU (default: 10)', numberFrom(0))
    .option('--denoise <name>', `denoising blocks: ${denoisers.join(', ')}`, oneOf(denoisers))
    .option('--data <name>', 'emoji16, a folder of class folders, or a folder of IDX files')
    .option('--validation <dir>', 'folder to measure accuracy on after every epoch')
    .option('--size <px>', 'height and width of the images', parseCount)
    .option('--limit <n>', 'train on a random choice of so many images', parseCount)
    .option('--epochs <n>', 'passes over the images (default: 8)', parseCount)
    .option('--batch-size <n>', 'images per step (default: 64)', parseCount)
    .option('--lr <rate>', 'peak learning rate (default: 0.1)', numberFrom(0))
    .option('--optimiser <name>', 'sgd or adamw (default: sgd)', oneOf(['sgd', 'adamw'] as const))
    .option('--momentum <m>', 'momentum (default: 0.9)', numberFrom(0, 1))
    .option('--weight-decay <w>', 'weight decay (default: 5e-4)', numberFrom(0))
    .option('--crop <px>', 'augment by crops after padding by so many pixels', integerFrom(0))
    .option('--flip', 'augment by mirroring')
    .option('--cutout <px>', 'augment by greying a square of so many pixels', parseCount)
    .option('--label-smoothing <s>', 'share of the label that is spread over all classes', numberFrom(0, 1))
    .option('--ema <keep>', 'end in the running mean of the weights, such as 0.999', numberFrom(0, 1))
    .option('--noise <sigma>', 'Gaussian noise on half of the images', numberFrom(0))
    .option('--gradient-penalty <f>', 'factor of the squared gradient by the images', numberFrom(0))
    .option('--weight-perturbation <g>', 'adversarial weight perturbation of this size (AWP)', numberFrom(0))
    .option('--adversarial <norm>', 'train on attacked images: L2 or Linf', parseNorm)
    .option('--scheme <name>', 'pgd, fast, trades or advprop (default: pgd)', oneOf(schemes))
    .option('--beta <b>', 'weight of the divergence in trades (default: 6)', numberFrom(0))
    .option('--eps <e>', 'radius of the attack in pixel units of 0 to 1, such as 3 or 8/255', parseEpsilon)
    .option('--steps <n>', 'gradient steps of the attack (default: 7)', parseCount)
    .option('--step-size <s>', 'length of its steps (default: 2.5 eps / steps)', numberFrom(0))
    .option('--no-random-start', 'attack from the image itself, not from a random point of the ball')
    .option(
      '--robust-images <n>',
      'measure PGD accuracy on so many images and keep the best epoch',
      parseCount,
    )
    .option('--patience <n>', 'stop after so many epochs without a better PGD accuracy', parseCount)
    .addOption(modelOption.threads())
    .action(async options => {
      const seed = train.getOptionValueSource('seed') === 'cli' ? options.seed : undefined
      const recipe = readRecipe(options.config, {
        ...present({
          arch: options.arch,
          width: options.width,
          depth: options.depth,
          activation: options.activation,
          sharpness: options.sharpness,
          denoise: options.denoise,
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
          labelSmoothing: options.labelSmoothing,
          ema: options.ema,
          gradientPenalty: options.gradientPenalty,
        }),
        optimiser: present({ kind: options.optimiser }),
        noise: present({ sigma: options.noise }),
        weightPerturbation: present({ gamma: options.weightPerturbation }),
        robustValidation: present({ images: options.robustImages, patience: options.patience }),
        augment: present({ crop: options.crop, flip: options.flip, cutout: options.cutout }),
        adversarial: present({
          scheme: options.scheme,
          beta: options.beta,
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
      const { state, onnx, stopped } = await trainInFolder({
        recipe,
        data,
        validation,
        runtime,
        out: options.out,
        progress,
        signal,
      })
      const curves = join(options.out, 'curves.svg')
      writeFileAtomic(curves, trainingCurves(state.log))
      const result = {
        recipe,
        log: state.log,
        ...(stopped !== undefined && { stopped }),
        model: onnx,
        curves,
      }
      printResult(terminal, options, result, () => `${summary(state.log, stopped)}\n${onnx}\n`)
    })
}

const schemes = ['pgd', 'fast', 'trades', 'advprop'] as const

/** How the training went, in a line or two. */
function summary(log: readonly EpochLog[], stopped: string | undefined): string {
  const last = log.at(-1)!
  const best = bestEpoch(log)
  const parts = [
    `loss ${last.loss.toFixed(3)}, accuracy ${last.accuracy.toFixed(3)} in epoch ${last.epoch}`,
    ...(last.validationAccuracy === undefined
      ? []
      : [`validation accuracy ${last.validationAccuracy.toFixed(3)}`]),
    ...(best === undefined
      ? []
      : [`epoch ${best.epoch} is kept, with ${best.robustAccuracy!.toFixed(3)} under attack`]),
  ]
  return `${parts.join('; ')}${stopped === undefined ? '' : `\nstopped: ${stopped}`}`
}

type Settings = Readonly<Record<string, unknown>>

const groups = [
  'augment',
  'adversarial',
  'optimiser',
  'noise',
  'weightPerturbation',
  'robustValidation',
] as const
type Group = (typeof groups)[number]

/** The recipe in `path` with these settings changed; {@link groups} of settings change setting by setting. */
function readRecipe(path: string | undefined, flags: Settings & Readonly<Record<Group, Settings>>): Recipe {
  const base = path === undefined ? {} : readSettings(path)
  const merged: Record<string, unknown> = { ...base, ...flags }
  for (const key of groups) {
    const group = { ...asSettings(base[key]), ...flags[key] }
    if (Object.keys(group).length > 0) merged[key] = group
    else delete merged[key]
  }
  const result = Recipe.safeParse(merged)
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
