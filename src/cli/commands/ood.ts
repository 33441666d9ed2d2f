// silhouette ood: a network on pictures that people have been shown too.

import { join } from 'node:path'
import type { Classifier } from '../../classifier/classifier.ts'
import { loadClassifier } from '../../classifier/load.node.ts'
import { foldersIn } from '../../data/image-list.node.ts'
import { sixteenCategories } from '../../data/imagenet.ts'
import { openStimuli, type Stimuli } from '../../data/model-vs-human.node.ts'
import { cuesOfName } from '../../data/trials.ts'
import { InputError } from '../../errors/input-error.ts'
import { writeFileAtomic } from '../../files/atomic.node.ts'
import {
  type Accuracy,
  accuracy,
  cueConflictClasses,
  type Estimate,
  noShapeBias,
  type ObserverBias,
  observerBiases,
  stimulusTrials,
  trialsPath,
  wilson,
  writeTrialRows,
} from '../../probe/index.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import { Random } from '../../tensor/random.ts'
import {
  type AnyCommand,
  commandProgress,
  newCommand,
  printResult,
  resamplesOption,
  type SharedOptions,
  skipBadOption,
  tellSkipped,
} from '../command.ts'
import { manifestOf, modelArgument, modelOption } from '../model-options.ts'
import { writtenShare } from '../share.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'ood',
    'Accuracy of a network on stimuli in the layouts of model-vs-human (edge drawings, silhouettes, cue conflicts, ' +
      'distorted pictures), by data set and condition. ImageNet networks decide among sixteen categories by mean ' +
      'softmax probability. Pictures are neither resized nor cropped where the network takes their size.',
  )
    .argument('<model>', modelArgument)
    .requiredOption(
      '--data <dir>',
      'a data set (<category>/<image>, or dnn/session-1/<image>), or a folder of several',
    )
    .option('--out <dir>', 'write every decision below <dir>/raw-data, for silhouette consistency')
    .option('--name <name>', "the network's name in those files (default: the model's)")
    .addOption(skipBadOption())
    .addOption(resamplesOption(2000))
    .addOption(modelOption.arch())
    .addOption(modelOption.threads())
    .addOption(modelOption.mean())
    .addOption(modelOption.std())
    .action(async (path, options) => {
      const { out, resamples, seed } = options
      const model = await loadClassifier(path, nodeRuntime({ threads: options.threads }), manifestOf(options))
      const name = options.name ?? model.name
      const datasets: Measured[] = []
      for (const root of datasetRoots(options.data, model)) {
        const answered = await answers(model, root, options, terminal)
        const written = out === undefined ? [] : writeSessions(out, name, answered)
        datasets.push({ ...summary(name, answered, { random: new Random(seed), resamples }), files: written })
      }
      await model.dispose()
      printResult(terminal, options, { model: name, seed, datasets }, () => text(datasets))
    })
}

interface Answered {
  readonly stimuli: Stimuli
  readonly result: Accuracy
}

interface Measured {
  readonly dataset: string
  readonly images: number
  /** Whether the network could not take the pictures' own size. */
  readonly resized: boolean
  readonly accuracy: Estimate
  readonly conditions: readonly { condition: string; images: number; accuracy: Estimate }[]
  readonly shapeBias?: ObserverBias
  readonly files: readonly string[]
}

const classesOf = (model: Classifier) => cueConflictClasses(model) ?? sixteenCategories

/** The folder itself where it is a data set, else the data sets in it. */
function datasetRoots(root: string, model: Classifier): string[] {
  const classes = classesOf(model)
  const isDataset = (folder: string) =>
    foldersIn(folder).some(name => name === 'dnn' || /^session-\d+$/.test(name) || classes.includes(name))
  if (isDataset(root)) return [root]
  const below = foldersIn(root)
    .map(name => join(root, name))
    .filter(isDataset)
  if (below.length === 0) {
    throw new InputError(
      `${root} has no stimuli; expected <category>/<image>, dnn/session-1/<image>, or data sets of that form`,
    )
  }
  return below
}

async function answers(
  model: Classifier,
  root: string,
  options: SharedOptions & { readonly skipBad?: true | undefined },
  terminal: Terminal,
): Promise<Answered> {
  const progress = commandProgress(terminal, options)
  const { skipBad = false } = options
  const stimuli = await openStimuli(root, model.preprocessing, {
    classes: classesOf(model),
    skipBad,
    progress,
  })
  tellSkipped(terminal, stimuli.skipped)
  const result = await accuracy({ data: stimuli }).run({
    model,
    random: new Random(options.seed),
    progress,
    signal: terminal.signal,
  })
  return { stimuli, result }
}

function writeSessions(out: string, name: string, { stimuli, result }: Answered): string[] {
  const trials = stimulusTrials(result, stimuli, name)
  return [...new Set(stimuli.sessions)].map(session => {
    const path = join(out, trialsPath(stimuli.name, name, session))
    writeFileAtomic(path, writeTrialRows(trials.filter(trial => trial.session === session)))
    return path
  })
}

function summary(
  name: string,
  { stimuli, result }: Answered,
  options: { random: Random; resamples: number },
): Omit<Measured, 'files'> {
  const trials = stimulusTrials(result, stimuli, name)
  const conditions = [...new Set(stimuli.conditions)].map(condition => {
    const own = trials.filter(trial => trial.condition === condition)
    const right = own.filter(trial => trial.response === trial.category).length
    return { condition, images: own.length, accuracy: wilson(right, own.length) }
  })
  const areConflicts = trials.every(({ image }) => cuesOfName(image) !== undefined)
  const [bias] = areConflicts ? observerBiases(trials, options) : []
  return {
    dataset: stimuli.name,
    images: result.images,
    resized: stimuli.resized,
    accuracy: result.accuracy,
    conditions,
    ...(bias && { shapeBias: bias }),
  }
}

function text(datasets: readonly Measured[]): string {
  const rows = datasets.flatMap(({ dataset, images, accuracy, conditions, shapeBias }) => [
    [
      dataset,
      String(images),
      writtenShare(accuracy),
      shapeBias === undefined
        ? ''
        : shapeBias.shapeBias === null
          ? noShapeBias(shapeBias.trials)
          : writtenShare(shapeBias.shapeBias),
    ],
    ...(conditions.length > 1
      ? conditions.map(row => [`  ${row.condition}`, String(row.images), writtenShare(row.accuracy), ''])
      : []),
  ])
  const hasBias = datasets.some(({ shapeBias }) => shapeBias !== undefined)
  const resized = datasets.filter(set => set.resized).map(({ dataset }) => dataset)
  return (
    table([['', 'images', 'accuracy', ...(hasBias ? ['shape bias'] : [])], ...rows], [1]) +
    (resized.length > 0 ? `resized to the network's size: ${resized.join(', ')}\n` : '') +
    datasets.flatMap(({ files }) => files.map(file => `${file}\n`)).join('')
  )
}
