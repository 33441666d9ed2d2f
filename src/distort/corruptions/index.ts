// All corruptions of ImageNet-C (Hendrycks & Dietterich 2019) by the names of its folders: fifteen that its mean
// corruption error counts, in the order of the paper's tables, and four more for validation.

import { requireInput } from '../../errors/input-error.ts'
import { type Pixels, toRgb } from '../../image/pixels.ts'
import { toPixels, writePlanes } from '../../image/to-tensor.ts'
import { float32 } from '../../tensor/tensor.ts'
import type { CorruptImage, Draws, Severity } from '../corruption.ts'
import { type Distortion, imageShape } from '../distortion.ts'
import { brightness } from './brightness.ts'
import { contrast } from './contrast.ts'
import { defocusBlur } from './defocus-blur.ts'
import { elasticTransform } from './elastic-transform.ts'
import { fog } from './fog.ts'
import { frost } from './frost.ts'
import { gaussianBlur } from './gaussian-blur.ts'
import { gaussianNoise } from './gaussian-noise.ts'
import { glassBlur } from './glass-blur.ts'
import { impulseNoise } from './impulse-noise.ts'
import { jpegCompression } from './jpeg-compression.ts'
import { motionBlur } from './motion-blur.ts'
import { pixelate } from './pixelate.ts'
import { saturate } from './saturate.ts'
import { shotNoise } from './shot-noise.ts'
import { snow } from './snow.ts'
import { spatter } from './spatter.ts'
import { speckleNoise } from './speckle-noise.ts'
import { zoomBlur } from './zoom-blur.ts'

const functions = {
  gaussian_noise: gaussianNoise,
  shot_noise: shotNoise,
  impulse_noise: impulseNoise,
  defocus_blur: defocusBlur,
  glass_blur: glassBlur,
  motion_blur: motionBlur,
  zoom_blur: zoomBlur,
  snow,
  frost,
  fog,
  brightness,
  contrast,
  elastic_transform: elasticTransform,
  pixelate,
  jpeg_compression: jpegCompression,
  speckle_noise: speckleNoise,
  gaussian_blur: gaussianBlur,
  spatter,
  saturate,
} as const satisfies Record<string, CorruptImage>

/** The folder names of ImageNet-C. */
export type CorruptionName = keyof typeof functions

export type CorruptionGroup = 'noise' | 'blur' | 'weather' | 'digital' | 'extra'

/** Which corruptions ImageNet-C's paper groups together; `extra` are those kept for validation. */
export const corruptionGroups: Readonly<Record<CorruptionGroup, readonly CorruptionName[]>> = {
  noise: ['gaussian_noise', 'shot_noise', 'impulse_noise'],
  blur: ['defocus_blur', 'glass_blur', 'motion_blur', 'zoom_blur'],
  weather: ['snow', 'frost', 'fog', 'brightness'],
  digital: ['contrast', 'elastic_transform', 'pixelate', 'jpeg_compression'],
  extra: ['speckle_noise', 'gaussian_blur', 'spatter', 'saturate'],
}

/** All 19, the fifteen first. */
export const corruptionNames: readonly CorruptionName[] = Object.values(corruptionGroups).flat()

export interface CorruptionOptions {
  /** Pictures that `frost` lays over images, default: made by formula. */
  readonly frost?: readonly Pixels[] | undefined
}

const SMALLEST = 16

/**
 * One image corrupted as the `imagecorruptions` package does it.
 * @param image RGB or grey (which becomes RGB), each side at least 16 pixels
 * @throws InputError for an unknown name, a severity other than 1 to 5, or a smaller image
 */
export function corruptImage(
  image: Pixels,
  name: CorruptionName,
  severity: Severity,
  draws: Draws,
  { frost: overlays }: CorruptionOptions = {},
): Pixels {
  checkCorruption(name, severity)
  requireInput(
    Math.min(image.width, image.height) >= SMALLEST,
    () =>
      `corruptions need images of at least ${SMALLEST}x${SMALLEST} pixels, found ${image.width}x${image.height}`,
  )
  const rgb = toRgb(image)
  return name === 'frost' ? frost(rgb, severity, draws, overlays) : functions[name](rgb, severity, draws)
}

/**
 * A corruption of ImageNet-C as a distortion: values are rounded to bytes first, as the published pictures are.
 * @throws InputError for an unknown name or a severity other than 1 to 5
 */
export function corruption(
  name: CorruptionName,
  severity: Severity,
  options: CorruptionOptions = {},
): Distortion {
  checkCorruption(name, severity)
  return {
    name,
    settings: { severity, ...(name === 'frost' && { overlays: overlaysKey(options.frost) }) },
    apply(images, random) {
      const [n, height, width] = imageShape(images)
      const out = new Float32Array(images.data.length)
      for (let i = 0; i < n; i++) {
        const corrupted = corruptImage(toPixels(images, i), name, severity, random, options)
        writePlanes(corrupted, out, i * 3 * height * width)
      }
      return float32(images.shape, out)
    },
  }
}

/** What tells sets of overlays apart: FNV-1a over their sizes and bytes. */
function overlaysKey(overlays: readonly Pixels[] | undefined): number | string {
  if (overlays === undefined) return 'procedural'
  let hash = 2166136261
  const add = (value: number) => {
    hash = Math.imul(hash ^ value, 16777619)
  }
  for (const { width, height, data } of overlays) {
    add(width)
    add(height)
    data.forEach(add)
  }
  return hash >>> 0
}

function checkCorruption(name: CorruptionName, severity: Severity): void {
  requireInput(
    Object.hasOwn(functions, name),
    () => `unknown corruption: ${name} (known: ${corruptionNames.join(', ')})`,
  )
  requireInput(
    Number.isInteger(severity) && severity >= 1 && severity <= 5,
    () => `a severity is an integer from 1 to 5, found ${severity}`,
  )
}
