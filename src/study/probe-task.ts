// A probe of one network as a task of the ledger.

import type { Classifier } from '../classifier/classifier.ts'
import type { Probe } from '../probe/probe.ts'
import { Random } from '../tensor/random.ts'
import type { Task } from './task.ts'

/** @param label what people read beside the progress bar */
export function probeTask<R>(label: string, probe: Probe<R>, model: Classifier, seed: number): Task<R> {
  return {
    label,
    identity: {
      probe: probe.name,
      version: probe.version,
      options: probe.options,
      models: { model: model.fingerprint },
      data: probe.data.map(set => set.fingerprint),
      seed,
    },
    schema: probe.schema,
    async run({ progress, signal }) {
      const random = new Random(seed).fork(probe.name)
      return { result: await probe.run({ model, random, progress, ...(signal && { signal }) }) }
    },
  }
}
