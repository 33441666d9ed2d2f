// The entry of a model in RobustBench's form (model_info/<data set>/<norm>/<name>.json). What silhouette cannot know
// is null, for the model's authors to fill in.

import type { Estimate } from '../probe/statistics.ts'

export interface ModelInfoSource {
  readonly name: string
  readonly architecture: string | undefined
  readonly dataset: string
  /** As the user wrote it: `8/255`. */
  readonly eps: string
  readonly norm: string
  readonly cleanAccuracy: Estimate
  readonly robustAccuracy: Estimate
  readonly images: number
  /** Whether AutoAttack warned that the figure may be too high. */
  readonly unreliable: boolean
}

/** JSON text. Accuracies are percentages as text with two digits, as RobustBench has them. */
export function modelInfo(source: ModelInfoSource): string {
  const percent = ({ value }: Estimate) => (100 * value).toFixed(2)
  const info = {
    link: null,
    name: source.name,
    authors: null,
    additional_data: null,
    number_forward_passes: 1,
    dataset: source.dataset,
    venue: null,
    architecture: source.architecture ?? null,
    eps: source.eps,
    clean_acc: percent(source.cleanAccuracy),
    reported: null,
    autoattack_acc: percent(source.robustAccuracy),
    unreliable: source.unreliable,
    footnote: `AutoAttack by silhouette, ${source.norm}, ${source.images} images`,
  }
  return `${JSON.stringify(info, undefined, 2)}\n`
}
