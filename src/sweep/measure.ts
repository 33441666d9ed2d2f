// What is asked of every network of a sweep, as tasks that the ledger remembers.

import type { Classifier } from '../classifier/classifier.ts'
import type { ConceptDataset } from '../data/concepts.ts'
import type { Dataset } from '../data/dataset.ts'
import {
  accuracy,
  adversarialAccuracy,
  autoAttackAccuracy,
  dissection,
  diversity,
  naswot,
  type Probe,
  shapeBias,
  smoothness,
} from '../probe/index.ts'
import { probeTask } from '../study/probe-task.ts'
import type { StudyData } from '../study/study-data.ts'
import type { SweepConfig } from './config.ts'

export interface Measured {
  readonly model: Classifier
  /** The same network before training. */
  readonly untrained: Classifier
  readonly data: StudyData
  /** Images of the training data, for what is asked of the untrained network. */
  readonly training: Dataset
  readonly concepts?: ConceptDataset
}

/** The tasks of one network, by what they measure; none has been run. */
export function measureTasks(measured: Measured, { seed, measure }: Pick<SweepConfig, 'seed' | 'measure'>) {
  const { model, untrained, data, training, concepts } = measured
  const { norm, epsilon, steps, images, autoAttack, simplicity } = measure
  const ask = <R>(label: string, probe: Probe<R>, of = model) => probeTask(label, probe, of, seed)
  const layers = model.layers.map(layer => layer.name)
  const { cueConflict } = data
  return {
    clean: ask('accuracy', accuracy({ data: data.images })),
    robust: ask('PGD', adversarialAccuracy({ data: data.images, norm, epsilon, steps, images })),
    ...(autoAttack > 0 && {
      autoAttack: ask(
        'AutoAttack',
        autoAttackAccuracy({ data: data.images, norm, epsilon, images: autoAttack }),
      ),
    }),
    ...(cueConflict && { shapeBias: ask('shape bias', shapeBias({ data: cueConflict })) }),
    naswot: ask('NASWOT', naswot({ data: training, batch: Math.min(128, training.size) }), untrained),
    ...(simplicity && {
      smoothness: ask('smoothness', smoothness()),
      diversity: ask('diversity', diversity({ data: data.images, layers })),
      ...(concepts && { dissection: ask('dissection', dissection(concepts, { layers })) }),
    }),
  }
}
