// What a network relies on, as curves: one cue is taken away step by step, and accuracy (or shape bias) is measured
// at each. A point is a distortion; what is measured on it is up to who asks.

import {
  blackAndWhite,
  type Distortion,
  falseColour,
  gaussianNoise,
  greyscale,
  lowResolution,
  scramble,
} from '../distort/index.ts'

/** What is taken away, in the paper's terms. */
export type Cue = 'shape' | 'texture' | 'colour' | 'quality'

export interface CurvePoint {
  /** How far the cue is taken away, on the curve's axis. */
  readonly x: number
  /** As the report calls it. */
  readonly label: string
  readonly distortion: Distortion
}

export interface CueCurve {
  readonly id: string
  readonly label: string
  /** What `x` counts. */
  readonly axis: string
  readonly takes: Cue
  /** By ascending `x`; the undistorted image, at the left, is not among them. */
  readonly points: readonly CurvePoint[]
}

/** The curves for images of this size; what does not fit the size is left out. */
export function cueCurves([height, width]: readonly [number, number]): CueCurve[] {
  const grids = [2, 4, 8, 16].filter(grid => height % grid === 0 && width % grid === 0 && grid * 4 <= height)
  const factors = [2, 4, 8].filter(factor => Math.min(height, width) / factor >= 4)
  return [
    {
      id: 'scrambled',
      label: 'scrambled: shape is taken away',
      axis: 'parts per side',
      takes: 'shape' as const,
      points: grids.map(grid => ({
        x: grid,
        label: `${grid}x${grid} parts`,
        distortion: scramble({ grid }),
      })),
    },
    {
      id: 'low-resolution',
      label: 'fewer pixels: texture is taken away',
      axis: 'factor per side',
      takes: 'texture' as const,
      points: factors.map(factor => ({
        x: factor,
        label: `${Math.round(height / factor)} pixels high`,
        distortion: lowResolution(factor),
      })),
    },
    {
      id: 'noise',
      label: 'Gaussian noise',
      axis: 'standard deviation (pixel values from 0 to 1)',
      takes: 'quality' as const,
      points: [0.04, 0.08, 0.16, 0.32].map(sigma => ({
        x: sigma,
        label: `sigma ${sigma}`,
        distortion: gaussianNoise(sigma),
      })),
    },
  ].filter(({ points }) => points.length > 0)
}

export interface CueCondition {
  readonly id: string
  readonly label: string
  readonly takes: Cue
  readonly distortion: Distortion
}

/** Distortions that are all or nothing. */
export const cueConditions: readonly CueCondition[] = [
  { id: 'greyscale', label: 'greyscale', takes: 'colour', distortion: greyscale },
  { id: 'false-colour', label: 'opponent colours', takes: 'colour', distortion: falseColour },
  { id: 'black-and-white', label: 'black and white', takes: 'texture', distortion: blackAndWhite() },
]
