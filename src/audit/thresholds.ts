// The limits that a build is held to: `--min robust-accuracy=0.3`, `--max calibration-error=0.1`.

import { InputError } from '../errors/input-error.ts'
import type { Audit, Measure } from './audit.ts'
import { quantity, written } from './written.ts'

export interface Threshold {
  readonly measure: string
  readonly bound: 'min' | 'max'
  readonly limit: number
}

/** A threshold held against what was measured. */
export interface Check extends Threshold {
  readonly passed: boolean
  /** `robust-accuracy is 21.3 % [15.1, 29.0] on 100 images, below the minimum of 30.0 %` */
  readonly sentence: string
}

/**
 * Reads `name=number`.
 * @throws InputError when it is not of that form
 */
export function parseThreshold(text: string, bound: Threshold['bound']): Threshold {
  const [, measure, number] = /^([a-z0-9-]+)=(.+)$/.exec(text.trim()) ?? []
  const limit = Number(number)
  if (measure === undefined || number?.trim() === '' || !Number.isFinite(limit)) {
    throw new InputError(
      `--${bound} takes a measure and a number, such as robust-accuracy=0.3, found ${text}`,
    )
  }
  return { measure, bound, limit }
}

/**
 * Refuses thresholds on what cannot be measured here, before hours are spent.
 * @throws InputError naming the measure and those that there are
 */
export function requireMeasures(thresholds: readonly Threshold[], ids: readonly string[]): void {
  for (const { measure, bound } of thresholds) {
    if (!ids.includes(measure)) {
      throw new InputError(
        `--${bound} ${measure}: this model and data have no such measure (there are ${ids.join(', ')})`,
      )
    }
  }
}

/** Each threshold held against the audit: the measured value decides, not its interval. What has none fails. */
export function checkThresholds(
  { measures }: Pick<Audit, 'measures'>,
  thresholds: readonly Threshold[],
): Check[] {
  requireMeasures(
    thresholds,
    measures.map(({ id }) => id),
  )
  return thresholds.map(threshold => {
    const measure = measures.find(({ id }) => id === threshold.measure)!
    const passed = holds(measure, threshold)
    return { ...threshold, passed, sentence: sentenceOf(measure, threshold, passed) }
  })
}

function holds({ value }: Measure, { bound, limit }: Threshold): boolean {
  return value !== null && (bound === 'min' ? value >= limit : value <= limit)
}

function sentenceOf(measure: Measure, { bound, limit }: Threshold, passed: boolean): string {
  const limitText = `the ${bound}imum of ${quantity(limit, measure.unit)}`
  if (measure.value === null) return `${measure.id} is ${measure.reason}, so that ${limitText} does not hold`
  const on = measure.images === null ? '' : ` on ${measure.images} images`
  const side = bound === 'min' ? (passed ? 'at least' : 'below') : passed ? 'at most' : 'above'
  return `${measure.id} is ${written(measure)}${on}, ${side} ${limitText}`
}
