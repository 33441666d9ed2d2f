// The summary of ImageNet-C (Hendrycks & Dietterich 2019, section 4): a network's errors under corruption over those
// of AlexNet, so that corruptions of unequal difficulty count alike.

import { z } from 'zod'
import { corruptionNames } from '../distort/index.ts'
import { InputError, requireInput } from '../errors/input-error.ts'

/**
 * AlexNet's top-1 error, mean over the five severities: as published with the benchmark's code
 * (github.com/hendrycks/robustness, ImageNet-C). The clean error is that of torchvision's AlexNet (accuracy 56.5 %).
 */
export const alexnetErrors: { readonly clean: number; readonly corrupted: Readonly<Record<string, number>> } =
  {
    clean: 0.435,
    corrupted: {
      gaussian_noise: 0.886428,
      shot_noise: 0.894468,
      impulse_noise: 0.92264,
      defocus_blur: 0.81988,
      glass_blur: 0.826268,
      motion_blur: 0.785948,
      zoom_blur: 0.79836,
      snow: 0.866816,
      frost: 0.826572,
      fog: 0.819324,
      brightness: 0.564592,
      contrast: 0.853204,
      elastic_transform: 0.646056,
      pixelate: 0.71784,
      jpeg_compression: 0.6065,
    },
  }

export const CorruptionError = z.object({
  /** Mean of the corruptions' CE, in percent: 100 is as bad as AlexNet. Null unless all fifteen were measured. */
  mce: z.number().nullable(),
  /** Mean of their relative CE, in percent; null without a clean error. */
  relativeMce: z.number().nullable(),
  corruptions: z.array(
    z.object({
      corruption: z.string(),
      /** Top-1 error per severity, 1 to 5. */
      errors: z.array(z.number()),
      ce: z.number(),
      relativeCe: z.number().nullable(),
    }),
  ),
})
export type CorruptionError = z.infer<typeof CorruptionError>

/**
 * CE = sum of a network's errors over the severities / the same of AlexNet; relative CE takes each network's clean
 * error off first: it says how much worse the corruption made it. Only the benchmark's fifteen corruptions are known
 * of AlexNet, and only on ImageNet do the figures mean anything.
 * @param errors top-1 errors in [0, 1] at severities 1 to 5, per corruption
 * @param clean top-1 error on clean images
 * @throws InputError for a corruption without AlexNet's error, another number of severities, or an error outside [0, 1]
 */
export function corruptionError(
  errors: Readonly<Record<string, readonly number[]>>,
  clean?: number,
): CorruptionError {
  const { clean: alexnetClean, corrupted } = alexnetErrors
  const rows = Object.entries(errors).map(([corruption, values]) => {
    const alexnet = corrupted[corruption]
    if (alexnet === undefined) {
      throw new InputError(
        `AlexNet's error under ${corruption} is not published (known: ${Object.keys(corrupted).join(', ')})`,
      )
    }
    requireInput(
      values.length === 5 && [...values, clean ?? 0].every(value => value >= 0 && value <= 1),
      () => `${corruption} needs five errors from 0 to 1, found ${values.join(', ')}`,
    )
    const sum = values.reduce((total, value) => total + value, 0)
    return {
      corruption,
      errors: [...values],
      ce: (100 * sum) / (5 * alexnet),
      relativeCe: clean === undefined ? null : (100 * (sum - 5 * clean)) / (5 * (alexnet - alexnetClean)),
    }
  })
  const complete = corruptionNames.slice(0, 15).every(name => errors[name] !== undefined)
  const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) / of.length
  return {
    mce: complete ? mean(rows.map(row => row.ce)) : null,
    relativeMce: complete && clean !== undefined ? mean(rows.map(row => row.relativeCe ?? 0)) : null,
    corruptions: rows,
  }
}
