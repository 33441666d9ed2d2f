// Annotations in the JSON form of COCO: categories, and per image polygons or run-length codes.

import { z } from 'zod'
import { InputError } from '../errors/input-error.ts'
import { type Mask, type MaskGrid, polygonMask, rleMask } from './mask-shapes.ts'

const Segmentation = z.union([
  z.array(z.array(z.number())),
  z.object({
    counts: z.union([z.string(), z.array(z.number())]),
    size: z.tuple([z.int(), z.int()]),
  }),
])

const Coco = z.object({
  images: z.array(z.object({ id: z.union([z.int(), z.string()]), file_name: z.string() })),
  categories: z.array(z.object({ id: z.int(), name: z.string(), supercategory: z.string().optional() })),
  annotations: z.array(
    z.object({
      image_id: z.union([z.int(), z.string()]),
      category_id: z.int(),
      segmentation: Segmentation.optional(),
    }),
  ),
})

export interface CocoMark {
  /** Place in {@link CocoAnnotations.categories}. */
  readonly category: number
  mask(grid: MaskGrid): Mask
}

export interface CocoAnnotations {
  readonly categories: readonly { readonly name: string; readonly supercategory: string | undefined }[]
  /** By file name of the image; annotations without a segmentation (boxes) are left out. */
  readonly marks: ReadonlyMap<string, readonly CocoMark[]>
}

/**
 * Reads the text of a COCO-style file.
 * @throws InputError naming `what` when it is not one, or refers to an image or category that it does not list.
 */
export function readCoco(text: string, what = 'annotations'): CocoAnnotations {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new InputError(`${what} is not JSON: ${error instanceof Error ? error.message : error}`)
  }
  const parsed = Coco.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new InputError(
      `${what} is not COCO-style JSON: ${issue?.path.join('.') || 'the whole'}: ${issue?.message}`,
    )
  }
  const { images, categories, annotations } = parsed.data
  const fileOf = new Map(images.map(image => [image.id, image.file_name]))
  const placeOf = new Map(categories.map(({ id }, place) => [id, place]))
  const marks = new Map<string, CocoMark[]>(images.map(image => [image.file_name, []]))
  for (const [i, { image_id, category_id, segmentation }] of annotations.entries()) {
    const [file, category] = [fileOf.get(image_id), placeOf.get(category_id)]
    if (file === undefined || category === undefined) {
      const missing = file === undefined ? `image ${image_id}` : `category ${category_id}`
      throw new InputError(`${what}: annotation ${i} is of ${missing}, which the file does not list`)
    }
    if (segmentation === undefined) continue
    const name = `${what}: the run-length code of annotation ${i}`
    const mask = (grid: MaskGrid) =>
      'counts' in segmentation
        ? rleMask(segmentation.counts, segmentation.size, grid, name)
        : polygonMask(segmentation, grid)
    marks.get(file)!.push({ category, mask })
  }
  return {
    categories: categories.map(({ name, supercategory }) => ({ name, supercategory })),
    marks,
  }
}
