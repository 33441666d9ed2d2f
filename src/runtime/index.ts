// What other folders use of the runtimes. The two implementations have entries of their own
// (`runtime/node.ts`, `runtime/web.ts`), so that a page never loads the Node binding.

export type { Feeds, Runtime, Session } from './session.ts'
