// What other folders use of the distortions.

export { blackAndWhite, otsuThreshold } from './black-and-white.ts'
export type { Distortion } from './distortion.ts'
export { gaussianNoise } from './gaussian-noise.ts'
export { greyscale } from './greyscale.ts'
export { paperOrder, type ScrambleOptions, scramble } from './scramble.ts'
export { silhouetteImages } from './silhouette.ts'
