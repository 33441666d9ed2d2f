// How study.json names a picture that a task left in the ledger.

import { z } from 'zod'

/** A picture in the ledger: `<task>.<name>.png`, or `<task>.<name>` where the name ends in `.webp`. */
export const Picture = z.object({ task: z.string(), name: z.string() })
export type Picture = z.infer<typeof Picture>
