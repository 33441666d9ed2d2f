// Which conditions of the parametric data sets of Geirhos et al. (2021) the published benchmark counts: not those
// in which nothing was done to the pictures, and not those in which people fall below an accuracy of 0.2 (where
// agreeing says little). Data sets that are not listed have one condition, whatever their trials say.

export const publishedConditions: Readonly<Record<string, readonly string[]>> = {
  colour: ['bw'],
  contrast: ['c50', 'c30', 'c15', 'c10', 'c05'],
  'high-pass': ['3.0', '1.5', '1.0', '0.7'],
  'low-pass': ['1', '3', '5', '7', '10'],
  'phase-scrambling': ['30', '60', '90', '120'],
  'power-equalisation': ['pow'],
  'false-colour': ['False'],
  rotation: ['90', '180', '270'],
  eidolonI: ['2-10-10', '4-10-10', '8-10-10', '16-10-10', '32-10-10'],
  eidolonII: ['2-3-10', '4-3-10', '8-3-10', '16-3-10'],
  eidolonIII: ['2-0-10', '4-0-10', '8-0-10'],
  'uniform-noise': ['0.03', '0.05', '0.1', '0.2', '0.35'],
}
