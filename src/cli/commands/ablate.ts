// silhouette ablate: what breaks when units are switched off.

import type { Classifier } from '../../classifier/classifier.ts'
import { loadClassifier } from '../../classifier/load.node.ts'
import { openAdversarialSet } from '../../data/adversarial-set.node.ts'
import { gaussianNoise, greyscale, scramble } from '../../distort/index.ts'
import { InputError } from '../../errors/input-error.ts'
import { writeFileAtomic } from '../../files/atomic.node.ts'
import {
  type Ablation,
  ablation,
  ablationCsv,
  detectorGroups,
  dissection,
  type Estimate,
  type GreedyAblation,
  greedyAblation,
} from '../../probe/index.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import { Random } from '../../tensor/random.ts'
import { type AnyCommand, commandProgress, newCommand, oneOf, parseCount, printResult } from '../command.ts'
import { manifestOf, modelArgument, modelOption } from '../model-options.ts'
import { layersOf, openConcepts, openConflicts, openLabelled } from '../open-data.ts'
import { writtenShare } from '../share.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'ablate',
    'Switch units off one at a time and count what breaks: decisions by shape and by texture on cue-conflict images, ' +
      'accuracy on clean, distorted and adversarial images, and decisions on images that show a concept.',
  )
    .argument('<model>', modelArgument)
    .requiredOption(
      '--conflicts <dir>',
      'emoji16, or a folder with cue-conflict images such as cat/cat1-bird3.png',
    )
    .requiredOption('--data <dir>', 'emoji16, or a folder of labelled images')
    .option(
      '--layers <names>',
      'layers whose units are switched off, with commas between (default: the last)',
    )
    .option('--adversarial <dir>', 'adversarial images with their true labels: images/*.png and labels.csv')
    .option(
      '--concepts <dir>',
      "emoji16, or a folder in Broden's layout: which concepts a unit matters for, and all detectors of a concept or " +
        'category switched off together and kept as the only ones',
    )
    .option(
      '--mode <mode>',
      'what a unit becomes: zero, or the mean of its map',
      oneOf(['zero', 'mean'] as const),
      'zero',
    )
    .option(
      '--greedy <cue>',
      'also switch units off one after the other until the cue is lost',
      oneOf(['shape', 'texture'] as const),
    )
    .option('--steps <n>', 'units that --greedy switches off at most', parseCount, 8)
    .option('--limit <n>', 'images of each set', parseCount, 320)
    .option('--show <n>', 'rows of the printed table; --out and --json have all', parseCount, 10)
    .option('--out <file>', 'write the table of all units as CSV')
    .addOption(modelOption.arch())
    .addOption(modelOption.threads())
    .addOption(modelOption.mean())
    .addOption(modelOption.std())
    .action(async (path, options) => {
      const { seed, out, mode, limit, greedy: cue, steps } = options
      const progress = commandProgress(terminal, options)
      const model = await loadClassifier(path, nodeRuntime({ threads: options.threads }), manifestOf(options))
      const context = () => ({ model, random: new Random(seed), progress, signal: terminal.signal })
      const opening = { ...context(), seed }
      const cueConflict = await openConflicts(options.conflicts, opening)
      const images = await openLabelled(options.data, opening)
      const adversarial =
        options.adversarial && (await openAdversarialSet(options.adversarial, model.classes))
      const concepts =
        options.concepts === undefined ? undefined : await openConcepts(options.concepts, opening)
      const last = model.layers.at(-1)?.name
      const layers = options.layers === undefined && last ? [last] : layersOf(model, options.layers)
      if (layers.length === 0) throw new InputError(`${model.name} has no layers to ablate`)
      const groups = concepts && detectorGroups(await dissection(concepts, { layers, top: 1 }).run(context()))
      const result = await ablation({
        cueConflict,
        images,
        distortions: distortionsFor(model),
        ...(adversarial && { adversarial }),
        ...(concepts && { concepts }),
        ...(groups && { groups }),
        layers,
        mode,
        limit,
      }).run(context())
      const greedy: GreedyAblation[] = []
      for (const layer of cue ? layers : [])
        greedy.push(
          await greedyAblation({ cueConflict, layer, cue: cue!, steps, mode, limit }).run(context()),
        )
      await model.dispose()
      if (out !== undefined) writeFileAtomic(out, ablationCsv(result))
      const settings = { model: model.name, seed, ...(out !== undefined && { out }) }
      printResult(
        terminal,
        options,
        { ...settings, ...result, ...(cue && { greedy }) },
        () =>
          written(model.name, result, options.show) +
          greedy.map(writtenGreedy).join('') +
          (out === undefined ? '' : `${out}\n`),
      )
    })
}

/** Texture without shape, colour gone, noise: each where the images' size allows it. */
function distortionsFor({ preprocessing: { size } }: Classifier) {
  return [...(size.every(side => side % 2 === 0) ? [scramble()] : []), greyscale, gaussianNoise(0.08)]
}

const estimate = (found: Estimate | null) =>
  found === null ? '-' : `${signed(found.value)} [${signed(found.low)}, ${signed(found.high)}]`

/** A change in points of percent. */
function signed(value: number): string {
  const text = (100 * value).toFixed(1)
  if (Number(text) === 0) return '0.0'
  return value > 0 ? `+${text}` : text
}

/** The units that matter most for shape or texture, by what they break; changes in points of percent. */
function written(name: string, { intact, conditions, layers }: Ablation, most: number): string {
  const bias = intact.shapeBias === null ? 'none' : `${(100 * intact.shapeBias).toFixed(1)} %`
  const head =
    `${name}: ${intact.images} cue-conflict images, ${intact.shape} decided by shape, ${intact.texture} by texture ` +
    `(shape bias ${bias}); ${conditions.map(c => `${c.name} ${c.right} of ${c.images} right`).join(', ')}\n`
  const header = ['unit', 'shape lost', 'texture lost', 'shape bias', ...conditions.map(c => c.name)]
  const row = (unit: string, use: Ablation['layers'][number]['units'][number]) => [
    unit,
    String(use.shape),
    String(use.texture),
    estimate(use.shapeBiasChange),
    ...conditions.map((condition, i) => signed((use.gained[i]! - use.lost[i]!) / condition.images)),
  ]
  const sections = layers.map(({ layer, units, groups, forShape, forTexture, forBoth }) => {
    const strongest = [...units].sort((a, b) => b.shape + b.texture - a.shape - a.texture).slice(0, most)
    const rows = [
      ...strongest.map(use => row(`${layer}:${use.channel}`, use)),
      ...groups.map(use =>
        row(`${use.kind} ${use.name} (${use.channels.length} units)`, { ...use, channel: -1 }),
      ),
    ]
    const share = ({ value, low, high }: Estimate) =>
      `${(100 * value).toFixed(0)} % [${(100 * low).toFixed(0)}, ${(100 * high).toFixed(0)}]`
    return (
      `\n${layer}: of ${units.length} units ${share(forShape)} matter for shape, ${share(forTexture)} for texture, ` +
      `${share(forBoth)} for both\n` +
      table([header, ...rows], [1, 2, 3, ...conditions.map((_, i) => 4 + i)])
    )
  })
  return head + sections.join('')
}

function writtenGreedy({ layer, cue, images, intact, steps }: GreedyAblation): string {
  const rows = [{ channel: undefined, ...intact }, ...steps].map(step => [
    step.channel === undefined ? 'none' : `${layer}:${step.channel}`,
    String(step.shape),
    String(step.texture),
    writtenShare(step.share),
  ])
  return (
    `\n${layer}: units switched off one after the other, the one first that ${cue} needs most; ${images} images\n` +
    table([['off', 'by shape', 'by texture', `share by ${cue}`], ...rows], [1, 2, 3])
  )
}
