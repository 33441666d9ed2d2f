// A process that does tasks of an audit: see study/workers.node.ts.

import { classifierOf, readModel } from '../classifier/load.node.ts'
import type { Manifest } from '../classifier/manifest.ts'
import { silent } from '../progress/progress.ts'
import { nodeRuntime } from '../runtime/node.ts'
import { serveTasks } from '../study/serve.node.ts'
import { type AuditSources, openAuditData } from './audit-data.node.ts'
import { planAudit } from './plan.ts'
import type { AuditSettings } from './settings.ts'

/** What the process opens: with it, it plans the same tasks as the one that asks. */
export interface AuditOpening {
  readonly model: string
  readonly manifest: Manifest
  readonly data: AuditSources
  readonly settings: AuditSettings
}

serveTasks(async ({ model: path, manifest, data: wanted, settings }: AuditOpening) => {
  const original = readModel(path, manifest)
  const model = await classifierOf(original, nodeRuntime({ threads: 1 }))
  const { sample, seed } = settings
  const data = await openAuditData(model, { ...wanted, sample, seed, progress: silent })
  return planAudit({ model, original, data, settings }).tasks
})
