// What other folders use of the probes.

export { Accuracy, type AccuracyOptions, accuracy, accuracyOf } from './accuracy.ts'
export {
  AdversarialAccuracy,
  type AdversarialAccuracyOptions,
  adversarialAccuracy,
} from './adversarial-accuracy.ts'
export { cueConflictClasses, type Decider, deciderFor } from './decide.ts'
export { type ConvolutionKernels, convolutionKernels } from './kernels.ts'
export type { Json, Probe, ProbeContext } from './probe.ts'
export { ShapeBias, type ShapeBiasOptions, shapeBias, shapeBiasOf } from './shape-bias.ts'
export { Smoothness, type SmoothnessOptions, smoothness, totalVariation } from './smoothness.ts'
export {
  bootstrap,
  bootstrapMean,
  bootstrapWeightedMean,
  defaultResamples,
  Estimate,
  pairedDifference,
  quantile,
  wilson,
} from './statistics.ts'
export { readTrials, trialsPath, writeTrials } from './trials.ts'
