// silhouette cue-conflict: stimuli whose shape and texture disagree, from the user's own pictures.

import { loadClassifier } from '../../classifier/load.node.ts'
import { deciderFor, type Estimate, wilson } from '../../probe/index.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import { checkCues, type Judge } from '../../synth/cue-conflict/check.node.ts'
import { type CueConflictMakerOptions, makeCueConflicts } from '../../synth/cue-conflict/make.node.ts'
import { type AnyCommand, commandProgress, newCommand, oneOf, parseCount, printResult } from '../command.ts'
import { modelOption } from '../model-options.ts'
import { writtenShare } from '../share.ts'
import { pictureGeometry, styleOption, styleSettings } from '../style-options.ts'
import type { Terminal } from '../terminal.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'cue-conflict',
    'Make stimuli with the shape of one class and the texture of another, <shape>/<shape>N-<texture>M.png, as ' +
      'silhouette shape-bias reads them. With --features, by style transfer (Gatys et al. 2016); without, silhouettes ' +
      'are filled with texture.',
  )
    .argument('<action>', 'make', oneOf(['make']))
    .requiredOption('--shapes <dir>', 'pictures that give shapes: <class>/<image>')
    .requiredOption('--textures <dir>', 'pictures that give textures: <class>/<image>, the same classes')
    .requiredOption('--out <dir>', 'where the stimuli go; a run that was stopped goes on')
    .option(
      '--masks <dir>',
      'masks of the shapes, by the same paths, not black on the object (default: guessed from the colour of the border)',
    )
    .option('--features <model>', 'a network whose features transfer the style')
    .option('--judge <model>', 'a network that must recognise each cue alone: says how often it does')
    .addOption(modelOption.arch())
    .option('--per-pair <n>', 'stimuli for every two classes', parseCount, 1)
    .option('--size <px>', 'pixels per side (default: what the network takes, or 224)', parseCount)
    .addOption(styleOption.steps())
    .addOption(styleOption.contentWeight())
    .addOption(styleOption.contentLayer())
    .addOption(styleOption.styleLayers())
    .addOption(modelOption.threads())
    .action(async (_, options) => {
      const { shapes, textures, out, masks, perPair, seed } = options
      const runtime = nodeRuntime({ threads: options.threads })
      const load = (path: string) =>
        loadClassifier(path, runtime, options.arch === undefined ? {} : { arch: options.arch })
      const features = options.features === undefined ? undefined : await load(options.features)
      const judge = options.judge === undefined ? undefined : await load(options.judge)
      const making: CueConflictMakerOptions = {
        ...{ shapes, textures, out, masks, perPair, seed, features },
        geometry: pictureGeometry(features ?? judge, options.size),
        style: styleSettings(options),
        progress: commandProgress(terminal, options),
        signal: terminal.signal,
      }
      const { pairs, kept } = await makeCueConflicts(making)
      let cues: { readonly shape: Estimate; readonly texture: Estimate } | undefined
      if (judge !== undefined) {
        const classes = [...new Set(pairs.map(pair => pair.shape))]
        const decider = deciderFor(judge, classes)
        const decide: Judge = async images =>
          Array.from(decider.decide(await judge.logits(images)), index => classes[index] ?? '')
        const { shape, texture } = await checkCues(pairs, making, decide)
        cues = {
          shape: wilson(shape.hits, shape.images),
          texture: wilson(texture.hits, texture.images),
        }
      }
      await Promise.all([features?.dispose(), judge?.dispose()])
      const method = features === undefined ? 'fill' : 'transfer'
      const result = { out, method, stimuli: pairs.length, made: pairs.length - kept, kept, seed }
      printResult(
        terminal,
        options,
        { ...result, ...(judge && { judge: judge.name, chance: 1 / classCount(pairs), recognised: cues }) },
        () =>
          `${out}: ${pairs.length} stimuli (${kept} were there)\n` +
          (cues && judge
            ? `${judge.name} recognises the shapes alone in ${writtenShare(cues.shape)}, the textures alone in ` +
              `${writtenShare(cues.texture)}; chance is ${(100 / classCount(pairs)).toFixed(1)} %\n`
            : ''),
      )
    })
}

const classCount = (pairs: readonly { readonly shape: string }[]) =>
  new Set(pairs.map(pair => pair.shape)).size
