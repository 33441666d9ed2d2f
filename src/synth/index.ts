// What other folders use of synthesis.

export { type Objective, plus, type Scene, type SynthesisModel, times } from './objective.ts'
export { classLogit, crossEntropy } from './objectives/class-score.ts'
export { direction, type Place, unit } from './objectives/direction.ts'
export { pixelDistance, totalVariation } from './objectives/picture.ts'
export { gramDistance, gramMatrices, representationDistance } from './objectives/representation.ts'
export { adam, type Optimiser, type PgdSettings, pgd } from './optimiser.ts'
export { type Parametrisation, pixels } from './parametrisation.ts'
export { fourier, fourierNoise } from './parametrisations/fourier.ts'
export { type Glimpse, type Synthesis, type SynthesisOptions, synthesize } from './synthesize.ts'
export { robustTransforms, type Transforms } from './transforms.ts'
