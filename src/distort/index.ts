// What other folders use of the distortions.

export { blackAndWhite, otsuThreshold } from './black-and-white.ts'
export { type CannyOptions, cannyEdges } from './canny.ts'
export { contour } from './contour.ts'
export { type Draws, type Severity, severities } from './corruption.ts'
export {
  type CorruptionGroup,
  type CorruptionName,
  type CorruptionOptions,
  corruptImage,
  corruption,
  corruptionGroups,
  corruptionNames,
} from './corruptions/index.ts'
export type { Distortion } from './distortion.ts'
export { falseColour } from './false-colour.ts'
export { filledSilhouettes } from './filled-silhouette.ts'
export { gaussianNoise } from './gaussian-noise.ts'
export { greyscale } from './greyscale.ts'
export { guessedSilhouette } from './guessed-silhouette.ts'
export { lowResolution } from './low-resolution.ts'
export { lowContrast } from './parametric/low-contrast.ts'
export { highPass, lowPass } from './parametric/pass.ts'
export { phaseScrambled } from './parametric/phase-scrambled.ts'
export { rotated } from './parametric/rotated.ts'
export { saltAndPepper } from './parametric/salt-and-pepper.ts'
export { uniformNoise } from './parametric/uniform-noise.ts'
export { paperOrder, type ScrambleOptions, scramble } from './scramble.ts'
export { silhouetteImages } from './silhouette.ts'
