// silhouette data: writes the embedded data set as files that other tools read.

import { exportEmoji16 } from '../../data/emoji16/export.node.ts'
import { InputError } from '../../errors/input-error.ts'
import { type AnyCommand, commandProgress, newCommand, parseCount, printResult } from '../command.ts'
import type { Terminal } from '../terminal.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'data',
    'Write the embedded data set: image folders, cue-conflict images named cat1-bird3.png, and Broden-style masks.',
  )
    .argument('<name>', 'emoji16')
    .requiredOption('--out <dir>', 'a new folder')
    .option('--size <px>', 'pixels per side: 32, 64, 128 or 256', parseCount, 64)
    .option('--cache-dir <dir>', 'where images are kept between runs (default: the cache folder of the user)')
    .action(async (name, options) => {
      if (name !== 'emoji16') throw new InputError(`unknown data set: ${name} (known: emoji16)`)
      const { out, size, seed, cacheDir } = options
      const folders = await exportEmoji16({
        out,
        size,
        seed,
        ...(cacheDir !== undefined && { cacheDir }),
        progress: commandProgress(terminal, options),
        signal: terminal.signal,
      })
      printResult(terminal, options, { data: name, out, size, seed, folders }, () =>
        folders
          .map(({ folder, layout, images }) => `${out}/${folder}: ${images} images (${layout})\n`)
          .join(''),
      )
    })
}
