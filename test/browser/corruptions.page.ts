// Runs in the page: corrupts the picture of the fixtures for corruptions.test.ts.

import { type CorruptionName, corruptImage, type Severity } from '../../src/distort/index.ts'
import { Random } from '../../src/tensor/random.ts'
import { testPicture } from '../support/picture.ts'

declare global {
  var corruptedPicture: (name: CorruptionName, severity: Severity, side: number) => number[]
}

globalThis.corruptedPicture = (name, severity, side) =>
  Array.from(corruptImage(testPicture(side, side), name, severity, new Random(severity)).data)
globalThis.ready = true
