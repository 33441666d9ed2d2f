// What other folders use of synthesis.

export {
  Exhibit,
  type ExhibitColumn,
  type ExhibitOptions,
  type ExhibitPictures,
  type ExhibitRow,
  exhibit,
  type Maker,
} from './exhibit.ts'
export {
  type ClassGaussians,
  fitGaussians,
  readGaussians,
  sampleGaussians,
  writeGaussians,
} from './gaussians.ts'
export { indexTraining, type TrainingIndex } from './judge/neighbours.ts'
export { type Objective, plus, type Scene, type SynthesisModel, times } from './objective.ts'
export { classLogit, crossEntropy } from './objectives/class-score.ts'
export { direction, type Place, unit } from './objectives/direction.ts'
export { pixelDistance, smallDistance, totalVariation } from './objectives/picture.ts'
export {
  gramDistance,
  gramMatrices,
  representationDistance,
  styleDistance,
} from './objectives/representation.ts'
export { adam, type Optimiser, type PgdSettings, pgd } from './optimiser.ts'
export { greyPixels, type Parametrisation, pixels } from './parametrisation.ts'
export { fourier, fourierNoise } from './parametrisations/fourier.ts'
export { inpaint, middleHoles } from './recipes/inpaint.ts'
export { paint } from './recipes/paint.ts'
export type { DescentSettings, Made, RecipeContext } from './recipes/recipe.ts'
export { interpolate, invert } from './recipes/represent.ts'
export { type StyliseSettings, stylise } from './recipes/stylise.ts'
export { superResolve } from './recipes/super-resolve.ts'
export { type RecipeInputs, type RecipeName, recipeNames, recipeOf } from './recipes/table.ts'
export { towardsClass } from './recipes/towards-class.ts'
export { type VisualiseOptions, visualiseClasses, visualiseUnits } from './recipes/visualise.ts'
export { stylised } from './stylised.ts'
export { type Glimpse, type Synthesis, type SynthesisOptions, synthesize } from './synthesize.ts'
export { robustTransforms, type Transforms } from './transforms.ts'
