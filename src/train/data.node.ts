// From the name of a recipe's data to the data sets that a run reads.

import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { bytesDataset } from '../data/arrays.ts'
import type { Dataset } from '../data/dataset.ts'
import { emoji16 } from '../data/emoji16/emoji16.node.ts'
import { openIdx } from '../data/idx.node.ts'
import { openImageFolder } from '../data/image-folder.node.ts'
import { InputError } from '../errors/input-error.ts'
import type { Progress } from '../progress/progress.ts'
import { tensor } from '../tensor/tensor.ts'
import { buildNetwork } from '../zoo/index.ts'
import type { Recipe } from './recipe.ts'

export interface TrainingDatasets {
  readonly data: Dataset
  readonly validation: Dataset | undefined
}

/**
 * Opens the data of `recipe`, in the size that its network will have.
 * @throws InputError when a folder is missing or is neither of images nor of IDX files.
 */
export async function openTrainingData(
  recipe: Recipe,
  options: { progress?: Progress; signal?: AbortSignal } = {},
): Promise<TrainingDatasets> {
  const { size, limit, seed } = recipe
  const sample = limit === undefined ? undefined : { count: limit, seed }
  if (recipe.data === 'emoji16') {
    if (recipe.validation !== undefined)
      throw new InputError('emoji16 has a validation part of its own: leave the validation out')
    const part = (split: 'train' | 'validation') =>
      emoji16({ split, ...(size !== undefined && { size }), ...options })
    const data = await part('train')
    const { name, classes, labels, pixels, side } = data
    const images = tensor('uint8', [labels.length, 3, side, side], pixels)
    return {
      data: sample
        ? await bytesDataset({ name, classes, labels, images, planar: true }, undefined, { sample })
        : data,
      validation: await part('validation'),
    }
  }
  const open = async (root: string, split: 'train' | 'test', classes?: readonly string[]) => {
    if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) {
      throw new InputError(`unknown data: ${root} is neither emoji16 nor a folder`)
    }
    const geometry = () => buildNetwork(recipe.arch, { classes: 1, ...(size && { size }) }).preprocessing
    const selection = split === 'train' ? { sample } : { classes }
    if (isIdx(root))
      return openIdx(root, size === undefined ? undefined : geometry(), { split, ...selection })
    return openImageFolder(root, geometry(), { ...selection, progress: options.progress })
  }
  const data = await open(recipe.data, 'train')
  const validation = recipe.validation && (await open(recipe.validation, 'test', data.classes))
  return { data, validation: validation || undefined }
}

function isIdx(root: string): boolean {
  return ['', '.gz'].some(end => existsSync(join(root, `train-images-idx3-ubyte${end}`)))
}
