// Everything there is to say about a model before it is used: what it is made of, its manifest, what looks wrong.

import type { Dataset } from '../data/dataset.ts'
import type { Graph } from '../onnx/graph.ts'
import { type CheckOptions, checkOnData, type DataReport } from './check-data.ts'
import type { Classifier } from './classifier.ts'
import { type Lint, lintModel } from './lint.ts'
import type { ModelManifest } from './manifest.ts'
import type { Preprocessing } from './preprocessing.ts'
import { type NetworkSummary, summarise } from './summary.ts'

export interface Inspection {
  readonly name: string
  readonly fingerprint: string
  readonly classes: readonly string[]
  readonly preprocessing: Preprocessing
  /** Where each field of `preprocessing` came from. */
  readonly origins: Readonly<Record<string, string>>
  readonly network: NetworkSummary
  readonly data?: DataReport
  readonly lints: readonly Lint[]
}

/**
 * Inspects `model`.
 * @param original its graph and manifest as they were read.
 * @param data images to measure on, with the model's own resize and crop; a few hundred are enough.
 */
export async function inspect(
  model: Classifier,
  original: { readonly graph: Graph; readonly manifest: ModelManifest },
  data?: Dataset,
  options: CheckOptions = {},
): Promise<Inspection> {
  const { name, fingerprint, classes, preprocessing } = model
  const report = data && (await checkOnData(model, data, options))
  const measured = report?.lints ?? []
  // What was measured is said once: the graph's suspicion of the same thing adds nothing.
  const suspected = lintModel(original.graph, original.manifest).filter(
    lint => !measured.some(other => other.code === lint.code),
  )
  return {
    name,
    fingerprint,
    classes,
    preprocessing,
    origins: original.manifest.origins,
    network: summarise(model.graph, model.layers),
    ...(report && { data: report }),
    lints: [...suspected, ...measured],
  }
}
