// The package in one import, for pages: all that needs neither files nor Node. `import ... from 'silhouette'`
// gives this in a browser, and in Node index.node.ts, which adds the rest; bundlers choose by the export
// condition `node`. The same holds for every layer (`silhouette/attack`, `silhouette/onnx`, ...), whose entries
// list more. Runtimes have entries of their own, `silhouette/runtime/web` and `silhouette/runtime/node`, so
// that nobody loads a binding that is not for them.

export {
  type Attack,
  type AttackResult,
  apgd,
  autoAttack,
  carliniWagner,
  deepFool,
  fab,
  fgsm,
  miFgsm,
  norms,
  type PgdOptions,
  pgd,
  square,
} from './attack/index.ts'
export { readCheckpoint, readSafetensors, writeSafetensors } from './checkpoint/index.ts'
export {
  type Classifier,
  createClassifier,
  type Layer,
  type LossGradient,
  Preprocessing,
  type Unit,
} from './classifier/index.ts'
export {
  type Batch,
  type CueConflictDataset,
  type Dataset,
  readIdx,
  readNpy,
  tensorDataset,
  writeNpy,
} from './data/index.ts'
export {
  blackAndWhite,
  type Distortion,
  gaussianNoise,
  greyscale,
  scramble,
  silhouetteImages,
} from './distort/index.ts'
export { InputError } from './errors/input-error.ts'
export { gradient, gradientName, withCrossEntropy } from './grad/index.ts'
export { type Pixels, pixels, resize, toPixels, toTensor } from './image/index.ts'
export {
  checkGraph,
  type Graph,
  GraphBuilder,
  inferShapes,
  printGraph,
  readOnnx,
  writeOnnx,
} from './onnx/index.ts'
export {
  accuracy,
  adversarialAccuracy,
  Estimate,
  type Probe,
  type ProbeContext,
  shapeBias,
  smoothness,
} from './probe/index.ts'
export { type Progress, type ProgressTask, silent } from './progress/progress.ts'
export { renderReport } from './report/index.ts'
export type { Feeds, Runtime, Session } from './runtime/index.ts'
export { Finding, Study, StudyConfig } from './study/index.ts'
export {
  adam,
  crossEntropy,
  fourier,
  fourierNoise,
  type Objective,
  pixelDistance,
  plus,
  synthesize,
  times,
  totalVariation,
  unit,
  visualiseUnits,
} from './synth/index.ts'
export { type FloatTensor, float32, int64, Random, type Tensor, tensor, zeros } from './tensor/index.ts'
export { Recipe, train } from './train/index.ts'
export { architectures, buildNetwork, type Network } from './zoo/index.ts'
