// Manifests as the two big model hubs write them: timm's config.json, and transformers' preprocessor_config.json
// with its config.json. Only the fields that change pixels are read.

import { z } from 'zod'
import { checked, type Manifest } from './manifest.ts'

const triple = z.tuple([z.number(), z.number(), z.number()])
const filters = ['nearest', 'lanczos', 'bilinear', 'bicubic'] as const

const TimmConfig = z.object({
  architecture: z.string().optional(),
  label_names: z.array(z.string()).optional(),
  pretrained_cfg: z.object({
    input_size: z.tuple([z.int(), z.int().positive(), z.int().positive()]),
    interpolation: z.enum(['bilinear', 'bicubic', 'lanczos', 'nearest', 'random']).default('bicubic'),
    crop_pct: z.number().positive().default(0.875),
    crop_mode: z.enum(['center', 'squash', 'border']).default('center'),
    mean: triple,
    std: triple,
  }),
})

/** Whether a `config.json` is one of timm's. */
export const isTimmConfig = (json: unknown) =>
  z.object({ pretrained_cfg: z.unknown() }).safeParse(json).success

/**
 * What timm's `config.json` says. Its evaluation transform scales to floor(size / crop_pct) and crops the centre;
 * `squash` scales both sides.
 * @throws InputError naming `what` and the field at fault.
 */
export function manifestFromTimm(json: unknown, what: string): Manifest {
  const { architecture, label_names, pretrained_cfg: cfg } = checked(TimmConfig, json, what)
  const [, height, width] = cfg.input_size
  return {
    size: [height, width],
    resize: cfg.crop_mode === 'squash' ? 'exact' : 'short-side',
    resizeTo: Math.floor(Math.min(height, width) / cfg.crop_pct),
    filter: cfg.interpolation === 'random' ? 'bilinear' : cfg.interpolation,
    crop: 'center',
    mean: cfg.mean,
    std: cfg.std,
    ...(architecture !== undefined && { arch: architecture }),
    ...(label_names !== undefined && { classes: label_names }),
  }
}

const Size = z.union([
  z.int().positive(),
  z.object({ height: z.int().positive(), width: z.int().positive() }),
  z.object({ shortest_edge: z.int().positive() }),
])

const PreprocessorConfig = z.object({
  do_resize: z.boolean().default(true),
  size: Size.optional(),
  resample: z.int().min(0).max(3).default(2),
  crop_pct: z.number().positive().nullish(),
  do_center_crop: z.boolean().default(false),
  crop_size: Size.optional(),
  do_rescale: z.boolean().default(true),
  do_normalize: z.boolean().default(true),
  image_mean: triple.optional(),
  image_std: triple.optional(),
  do_flip_channel_order: z.boolean().default(false),
})

/** Whether a `preprocessor_config.json` is one of transformers'. */
export const isPreprocessorConfig = (json: unknown) =>
  z
    .union([z.object({ image_mean: z.unknown() }), z.object({ image_processor_type: z.unknown() })])
    .safeParse(json).success

/**
 * What transformers' `preprocessor_config.json` says. ConvNeXt's `crop_pct` scales to floor(size / crop_pct) and
 * crops, from 384 pixels on it scales both sides.
 * @throws InputError naming `what` and the field at fault.
 */
export function manifestFromTransformers(json: unknown, what: string): Manifest {
  const config = checked(PreprocessorConfig, json, what)
  const size = extent(config.size)
  const crop = config.do_center_crop ? extent(config.crop_size ?? config.size) : undefined
  const shorter = isShortSide(config.size) ? size?.[0] : undefined
  const colour: Manifest = {
    filter: filters[config.resample]!,
    channels: config.do_flip_channel_order ? 'bgr' : 'rgb',
    range: config.do_rescale ? 1 : 255,
    mean: (config.do_normalize && config.image_mean) || [0, 0, 0],
    std: (config.do_normalize && config.image_std) || [1, 1, 1],
  }
  if (!config.do_resize) return { ...colour, resize: 'none', ...place(crop) }
  if (config.crop_pct && shorter !== undefined) {
    return shorter >= 384
      ? { ...colour, size: [shorter, shorter], resize: 'exact', crop: 'none' }
      : {
          ...colour,
          size: [shorter, shorter],
          resize: 'short-side',
          resizeTo: Math.floor(shorter / config.crop_pct),
          crop: 'center',
        }
  }
  if (shorter !== undefined)
    return { ...colour, resize: 'short-side', resizeTo: shorter, ...place(crop ?? [shorter, shorter]) }
  if (crop !== undefined && size !== undefined && size[0] === size[1])
    return { ...colour, resize: 'exact', resizeTo: size[0], ...place(crop) }
  return { ...colour, resize: 'exact', crop: 'none', ...(size && { size: [size[0], size[1]] }) }
}

function place(crop: readonly [number, number] | undefined): Manifest {
  return crop === undefined ? { crop: 'none' } : { crop: 'center', size: [crop[0], crop[1]] }
}

const isShortSide = (size: z.infer<typeof Size> | undefined) =>
  typeof size === 'object' && 'shortest_edge' in size

function extent(size: z.infer<typeof Size> | undefined): readonly [number, number] | undefined {
  if (size === undefined) return undefined
  if (typeof size === 'number') return [size, size]
  return 'shortest_edge' in size ? [size.shortest_edge, size.shortest_edge] : [size.height, size.width]
}

const Labels = z.object({ id2label: z.record(z.string().regex(/^\d+$/), z.string()) })

/** Class names from transformers' `config.json`, in the order of the outputs; undefined when it has none. */
export function classesFromTransformers(json: unknown): string[] | undefined {
  const labels = Labels.safeParse(json)
  if (!labels.success) return undefined
  const names = labels.data.id2label
  const count = Object.keys(names).length
  const classes = Array.from({ length: count }, (_, i) => names[i])
  return classes.every(name => name !== undefined) && count >= 2 ? classes : undefined
}
