// What a network relies on, as curves: one cue is taken away step by step, and accuracy (or shape bias) is measured
// at each. A point is a distortion; what is measured on it is up to who asks.

import {
  blackAndWhite,
  contour,
  type Distortion,
  falseColour,
  gaussianNoise,
  greyscale,
  highPass,
  lowPass,
  lowResolution,
  phaseScrambled,
  scramble,
} from '../distort/index.ts'

/** What is taken away, in the paper's terms. */
export type Cue = 'shape' | 'texture' | 'colour' | 'frequency' | 'quality'

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
  /** `x` of the image as it is. */
  readonly from: number
  readonly takes: Cue
  /** From weak to strong; the undistorted image is not among them. */
  readonly points: readonly CurvePoint[]
}

/** The curves for images of this size; what does not fit the size is left out. */
export function cueCurves([height, width]: readonly [number, number]): CueCurve[] {
  const grids = [2, 4, 8, 16].filter(grid => height % grid === 0 && width % grid === 0 && grid * 4 <= height)
  // Standard deviations in pixels, the same parts of the image at every size.
  const sigmas = [0.5, 1, 2, 4].map(sigma => Number(((sigma * height) / 64).toPrecision(3)))
  const factors = [2, 4, 8].filter(factor => Math.min(height, width) / factor >= 4)
  return [
    {
      id: 'scrambled',
      label: 'scrambled: shape is taken away',
      axis: 'parts per side',
      from: 1,
      takes: 'shape' as const,
      points: grids.map(grid => ({
        x: grid,
        label: `${grid}x${grid} parts`,
        distortion: scramble({ grid }),
      })),
    },
    {
      id: 'phase-scrambled',
      label: 'phases shifted at random: shape is taken away',
      axis: 'greatest shift in degrees (grey)',
      from: 0,
      takes: 'shape' as const,
      points: [30, 60, 90, 180].map(degrees => ({
        x: degrees,
        label: `phases within ${degrees}°`,
        distortion: phaseScrambled(degrees),
      })),
    },
    {
      id: 'low-pass',
      label: 'low-pass: fine texture is taken away',
      axis: 'standard deviation of the blur in pixels (grey)',
      from: 0,
      takes: 'texture' as const,
      points: sigmas.map(sigma => ({ x: sigma, label: `blur of ${sigma} px`, distortion: lowPass(sigma) })),
    },
    {
      id: 'high-pass',
      label: 'high-pass: everything coarse is taken away',
      axis: 'standard deviation of the blur taken off, in pixels (grey)',
      // As wide a blur as the image leaves all but its mean.
      from: height,
      takes: 'frequency' as const,
      points: sigmas.toReversed().map(sigma => ({
        x: sigma,
        label: `less its blur of ${sigma} px`,
        distortion: highPass(sigma),
      })),
    },
    {
      id: 'low-resolution',
      label: 'fewer pixels: texture is taken away',
      axis: 'factor per side',
      from: 1,
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
      from: 0,
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
  { id: 'contour', label: 'contours', takes: 'texture', distortion: contour() },
  { id: 'black-and-white', label: 'black and white', takes: 'texture', distortion: blackAndWhite() },
]
