// A process that does tasks of a study: see workers.node.ts.

import { encodePng, encodeWebp } from '../image/codec.node.ts'
import { nodeRuntime } from '../runtime/node.ts'
import type { StudyConfig } from './config.ts'
import type { PairOf } from './pair.ts'
import { namesOf, planStudy } from './plan.ts'
import { serveTasks } from './serve.node.ts'
import { openStudyData } from './study-data.node.ts'
import { openStudyModel } from './study-model.node.ts'

/** What the process opens: with it, it plans the same tasks as the one that asks. */
export interface StudyOpening {
  readonly config: StudyConfig
  /** The folder that paths of the config are seen from. */
  readonly base: string
  /** Where the networks lie. */
  readonly paths: PairOf<string>
  readonly evidence: boolean
}

serveTasks(async ({ config, base, paths, evidence }: StudyOpening) => {
  const runtime = nodeRuntime({ threads: 1 })
  const names = namesOf(config)
  const open = async (role: 'standard' | 'robust') =>
    (await openStudyModel(names[role], paths[role], paths[role], runtime)).classifier
  const models = { standard: await open('standard'), robust: await open('robust') }
  const data = await openStudyData(config, models.standard, { base })
  return planStudy({ config, models, data, encodePng, encodeWebp, evidence }).tasks
})
