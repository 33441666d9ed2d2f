// silhouette concepts: makes and checks folders of images with concept masks, for `silhouette dissect`.

import { brodenCategories } from '../../data/broden.ts'
import { type BrodenContents, checkBroden } from '../../data/broden-check.node.ts'
import { buildConceptFolder } from '../../data/concept-folder.node.ts'
import { InputError } from '../../errors/input-error.ts'
import { type AnyCommand, commandProgress, newCommand, oneOf, parseCount, printResult } from '../command.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'concepts',
    "Make a folder in Broden's layout from images and what annotates them (concepts build --images DIR --out DIR " +
      '...), or read one from end to end and say what it holds or what is wrong with it (concepts check DIR).',
  )
    .argument('<action>', 'build or check')
    .argument('[dir]', 'the folder to check')
    .option('--images <dir>', 'images, with all folders below')
    .option('--out <dir>', 'a new folder')
    .option(
      '--coco <file>',
      'COCO-style JSON with polygons or run-length codes; file names are paths below --images',
    )
    .option('--labels <dir>', 'label maps: for every image a PNG of the same name')
    .option('--names <file>', 'CSV of what the labels mean: value (0 to 65535, or #rrggbb), name[, category]')
    .option(
      '--category <name>',
      `category of concepts that do not say theirs: ${brodenCategories.join(', ')}`,
      oneOf(brodenCategories),
      'object',
    )
    .option('--scenes', "take the images' class folders for scenes")
    .option('--no-colours', 'do not mark the eleven basic colours, which are found in the images')
    .option('--size <px>', 'pixels per side of the images written; masks have half of it', parseCount, 224)
    .action(async (action, dir, options) => {
      const context = { progress: commandProgress(terminal, options), signal: terminal.signal }
      if (action === 'check') {
        if (dir === undefined) throw new InputError('name the folder to check: silhouette concepts check DIR')
        const contents = await checkBroden(dir, context)
        printResult(terminal, options, { folder: dir, ...contents }, () => written(dir, contents))
        return
      }
      if (action !== 'build') throw new InputError(`unknown action: ${action} (known: build, check)`)
      const { images, out, coco, labels, names, category, scenes, colours, size } = options
      if (images === undefined || out === undefined)
        throw new InputError('concepts build needs --images and --out')
      const sources = { images, out, coco, labels, names, category, scenes, colours, size }
      await buildConceptFolder({ ...sources, ...context })
      // What was written is read again as a user's would be.
      const contents = await checkBroden(out, context)
      printResult(terminal, options, { folder: out, ...contents }, () => written(out, contents))
    })
}

function written(folder: string, { images, categories }: BrodenContents): string {
  const rows = categories.map(({ category, concepts, shown, images: annotated }) =>
    [category, concepts, shown, annotated].map(String),
  )
  return (
    `${folder}: ${images} images\n\n` +
    table([['category', 'concepts', 'shown', 'images annotated'], ...rows], [1, 2, 3])
  )
}
