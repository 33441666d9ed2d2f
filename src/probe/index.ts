// What other folders use of the probes.

export type { AblationMode } from './ablation/ablate.ts'
export { Ablation, type AblationProbeOptions, ablation } from './ablation/ablation.ts'
export { ablationCsv } from './ablation/ablation-csv.ts'
export { GreedyAblation, type GreedyAblationOptions, greedyAblation } from './ablation/greedy.ts'
export { detectorGroups, type UnitGroup } from './ablation/groups.ts'
export { Accuracy, type AccuracyOptions, accuracy, accuracyOf, compareAccuracy, rightOf } from './accuracy.ts'
export {
  ActivationSmoothness,
  type ActivationSmoothnessOptions,
  activationSmoothness,
  passesNoise,
} from './activation-smoothness.ts'
export {
  AdversarialAccuracy,
  type AdversarialAccuracyOptions,
  adversarialAccuracy,
} from './adversarial-accuracy.ts'
export {
  AutoAttackAccuracy,
  type AutoAttackAccuracyOptions,
  autoAttackAccuracy,
} from './auto-attack-accuracy.ts'
export { Calibration, type CalibrationOptions, calibration, calibrationOf } from './calibration.ts'
export { agreement } from './consistency/agreement.ts'
export { Benchmark, type BenchmarkOptions, benchmark } from './consistency/benchmark.ts'
export {
  Consistency,
  consistency,
  type DatasetTrials,
  type ObserverBias,
  observerBiases,
} from './consistency/consistency.ts'
export { ConsistencyMatrix } from './consistency/matrix.ts'
export { alexnetErrors, CorruptionError, corruptionError } from './corruption-error.ts'
export { type Cue, type CueCondition, type CueCurve, cueConditions, cueCurves } from './cue-curves.ts'
export { cueConflictClasses, type Decider, deciderFor } from './decide.ts'
export { Dissection, type DissectionOptions, dissection } from './dissection/dissection.ts'
export { type UnitPicture, type UnitPictureOptions, unitPictures } from './dissection/pictures.ts'
export { tallyCsv } from './dissection/tally-csv.ts'
export { compareDiversity, type DiversityComparison } from './diversity/compare.ts'
export {
  Diversity,
  type DiversityMeasure,
  type DiversityOptions,
  diversity,
  diversityMeasures,
} from './diversity/diversity.ts'
export {
  FourierSensitivity,
  type FourierSensitivityOptions,
  fourierSensitivity,
} from './fourier-sensitivity.ts'
export {
  GradientMasking,
  type GradientMaskingOptions,
  gradientMasking,
  maskingReason,
} from './gradient-masking.ts'
export { type ConvolutionKernels, convolutionKernels } from './kernels.ts'
export { Naswot, type NaswotOptions, naswot } from './naswot.ts'
export type { Json, Probe, ProbeContext } from './probe.ts'
export {
  compareShapeBias,
  noShapeBias,
  ShapeBias,
  type ShapeBiasOptions,
  shapeBias,
  shapeBiasOf,
} from './shape-bias.ts'
export {
  compareByPermutation,
  compareCounts,
  compareShares,
  holm,
  mcnemar,
  PairedComparison,
  significanceLevel,
} from './significance.ts'
export { Smoothness, type SmoothnessOptions, smoothness, totalVariation } from './smoothness.ts'
export { Spectrum, type SpectrumOptions, spectrum } from './spectrum/spectrum.ts'
export {
  type BootstrapOptions,
  bootstrap,
  bootstrapMean,
  bootstrapMeanShare,
  bootstrapWeightedMean,
  defaultResamples,
  Estimate,
  pairedDifference,
  quantile,
  wilson,
} from './statistics.ts'
export { readTrials, stimulusTrials, trialsPath, writeTrialRows, writeTrials } from './trials.ts'
