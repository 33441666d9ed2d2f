// silhouette models: which networks are known by name, where their checkpoints are published, which are here.

import { openCheckpoint } from '../../checkpoint/file.node.ts'
import { InputError } from '../../errors/input-error.ts'
import {
  architectures,
  networkFrom,
  type PublishedModel,
  publishedModel,
  publishedModels,
} from '../../zoo/index.ts'
import { localPath, modelsFolder, notedChecksum, useCopy } from '../../zoo/local-copies.node.ts'
import { type AnyCommand, newCommand, printResult } from '../command.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'models',
    'List the networks that every command knows by name: where each checkpoint is published, and whether it is ' +
      'here. Nothing is downloaded: get the file, then say where it is with --use, or put it into the folder.',
  )
    .argument('[name]', 'show this one only')
    .option('--use <file>', 'this file is the local copy of <name>; its checksum is noted')
    .action((name, options) => {
      const folder = modelsFolder()
      const chosen = name === undefined ? publishedModels : [named(name)]
      if (options.use !== undefined) {
        const [model] = chosen
        if (name === undefined || model === undefined)
          throw new InputError('--use needs the name of the model: silhouette models resnet50-r --use FILE')
        requireLoadable(model, options.use)
        useCopy(model, options.use, folder)
      }
      const models = chosen.map(model => ({
        ...model,
        path: localPath(model, folder),
        checksum: notedChecksum(model, folder),
      }))
      printResult(terminal, options, { folder, models, architectures }, () =>
        name === undefined ? overview(models, folder) : models.map(details).join('\n'),
      )
    })
}

interface Row extends PublishedModel {
  readonly path: string | undefined
  /** SHA-256 of the local copy, once it was used. */
  readonly checksum: string | undefined
}

function named(name: string): PublishedModel {
  const model = publishedModel(name)
  if (!model) {
    const known = publishedModels.map(published => published.name).join(', ')
    throw new InputError(`unknown model: ${name} (known: ${known})`)
  }
  return model
}

function requireLoadable({ arch, options }: PublishedModel, path: string): void {
  const checkpoint = openCheckpoint(path)
  try {
    networkFrom(arch, checkpoint.tensors, options)
  } finally {
    checkpoint.close()
  }
}

const percent = (top1: number | undefined) => (top1 === undefined ? '' : top1.toFixed(1))

function overview(models: readonly Row[], folder: string): string {
  const head = ['name', 'architecture', 'top-1 %', 'training', 'local copy']
  const rows = models.map(({ name, arch, top1, training, path }) => [
    name,
    arch,
    percent(top1),
    training,
    path ?? 'none',
  ])
  return (
    `${table([head, ...rows], [2])}\n` +
    `silhouette models NAME says where one is published; --use FILE says where your copy is.\n` +
    `folder of copies: ${folder} (SILHOUETTE_MODELS)\n` +
    `architectures for your own weights (--arch): ${architectures.join(', ')}\n`
  )
}

function details({ name, arch, training, top1, file, source, path, checksum }: Row): string {
  return table([
    ['name', name],
    ['architecture', arch],
    ['training', training],
    ['top-1 %', percent(top1) || 'not published'],
    ['file', file],
    ['published at', source],
    ['local copy', path ?? `none; once you have it: silhouette models ${name} --use ${file}`],
    ...(checksum === undefined ? [] : [['SHA-256', checksum]]),
  ])
}
