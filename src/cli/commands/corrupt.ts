// silhouette corrupt: copies of a folder of images in the layout of ImageNet-C.

import { availableParallelism } from 'node:os'
import { InvalidArgumentError } from '@commander-js/extra-typings'
import { corruptFolder } from '../../data/corrupt.node.ts'
import {
  type CorruptionGroup,
  type CorruptionName,
  corruptionGroups,
  corruptionNames,
  severities,
} from '../../distort/index.ts'
import { InputError } from '../../errors/input-error.ts'
import type { Geometry } from '../../image/geometry.ts'
import {
  type AnyCommand,
  commandProgress,
  integerFrom,
  newCommand,
  oneOf,
  parseCount,
  printResult,
} from '../command.ts'
import { parseSeverities } from '../severities.ts'
import type { Terminal } from '../terminal.ts'

const formats = ['jpeg', 'png'] as const
/** The fifteen that the mean corruption error counts. */
const common = corruptionNames.slice(0, 15)

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'corrupt',
    'Write corrupted copies of a folder of images, <corruption>/<severity>/<class>/<image>, as ImageNet-C has them ' +
      '(there: --resize 256 --crop 224). Goes on where it was stopped.',
  )
    .argument('<dir>', 'a folder of images')
    .requiredOption('--out <dir>', 'where the copies go')
    .option(
      '--corruptions <names>',
      'names or groups (noise, blur, weather, digital, extra, all) with commas between (default: the fifteen of mCE)',
      parseCorruptions,
    )
    .option('--severities <list>', 'such as 1,3,5 or 1-5 (default: all)', parseSeverities)
    .option('--resize <px>', 'bring the shorter side to this first', parseCount)
    .option('--crop <px>', 'then take the middle square of this size', parseCount)
    .option('--frost <dir>', 'pictures to lay over images as frost (default: made by formula)')
    .option('--format <name>', 'jpeg or png', oneOf(formats), formats[0])
    .option('--quality <q>', 'JPEG quality', integerFrom(1, 100), 85)
    .option('--workers <n>', 'threads (default: as many as the machine has cores)', parseCount)
    .action(async (root, options) => {
      const { out, frost, format, quality, seed, workers = availableParallelism() } = options
      const { corruptions = common, severities: levels = severities } = options
      const geometry = geometryOf(options.resize, options.crop)
      const files = await corruptFolder({
        ...{ root, out, corruptions, severities: levels, geometry, frost, format, quality, workers, seed },
        progress: commandProgress(terminal, options),
        signal: terminal.signal,
      })
      printResult(
        terminal,
        options,
        { root, out, corruptions, severities: levels, seed, ...files },
        () => `${out}: ${files.made} files made, ${files.kept} were there\n`,
      )
    })
}

function geometryOf(resize: number | undefined, crop: number | undefined): Geometry | undefined {
  if (crop === undefined) {
    if (resize === undefined) return undefined
    throw new InputError('--resize needs --crop: the size that all images get in the end')
  }
  return {
    size: [crop, crop],
    resize: resize === undefined ? 'none' : 'short-side',
    resizeTo: resize,
    filter: 'bilinear',
    crop: 'center',
  }
}

function parseCorruptions(text: string): readonly CorruptionName[] {
  const wanted = new Set(
    text.split(',').flatMap((part): readonly CorruptionName[] => {
      const word = part.trim().toLowerCase().replaceAll('-', '_')
      if (word === 'all') return corruptionNames
      const name = corruptionNames.find(known => known === word)
      if (name) return [name]
      const group = groupNames.find(known => known === word)
      if (group) return corruptionGroups[group]
      throw new InvalidArgumentError(
        `expected names among ${[...corruptionNames, ...groupNames].join(', ')}, all`,
      )
    }),
  )
  return corruptionNames.filter(name => wanted.has(name))
}

const groupNames: readonly CorruptionGroup[] = ['noise', 'blur', 'weather', 'digital', 'extra']
