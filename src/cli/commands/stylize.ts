// silhouette stylize: a copy of a folder of images in which texture says nothing about the class.

import { loadClassifier } from '../../classifier/load.node.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import { styliseFolder } from '../../synth/stylise-folder.node.ts'
import { type AnyCommand, commandProgress, newCommand, printResult } from '../command.ts'
import { modelOption } from '../model-options.ts'
import { pictureGeometry, styleOption, styleSettings } from '../style-options.ts'
import type { Terminal } from '../terminal.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'stylize',
    "Write a copy of a folder of images, each in the style of a picture of another folder (Gatys et al. 2016), at the network's size.",
  )
    .argument('<dir>', 'a folder of images')
    .requiredOption('--styles <dir>', 'pictures whose style is taken')
    .requiredOption('--out <dir>', 'where the copies go; a run that was stopped goes on')
    .requiredOption('--features <model>', 'a network whose features transfer the style')
    .addOption(modelOption.arch())
    .addOption(styleOption.steps())
    .addOption(styleOption.contentWeight())
    .addOption(styleOption.contentLayer())
    .addOption(styleOption.styleLayers())
    .addOption(modelOption.threads())
    .action(async (root, options) => {
      const { styles, out, seed, arch } = options
      const runtime = nodeRuntime({ threads: options.threads })
      const features = await loadClassifier(options.features, runtime, arch === undefined ? {} : { arch })
      const files = await styliseFolder({
        ...{ root, styles, out, features, seed },
        geometry: pictureGeometry(features, undefined),
        style: styleSettings(options),
        progress: commandProgress(terminal, options),
        signal: terminal.signal,
      })
      await features.dispose()
      printResult(
        terminal,
        options,
        { root, styles, out, seed, features: features.name, ...files },
        () => `${out}: ${files.made} images made, ${files.kept} were there\n`,
      )
    })
}
