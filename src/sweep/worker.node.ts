// A process that makes networks of a sweep: see study/workers.node.ts.

import { nodeRuntime } from '../runtime/node.ts'
import { serveTasks } from '../study/serve.node.ts'
import { type MemberOptions, memberTasks } from './member.node.ts'

/** What the process opens: with it, it plans the same tasks as the one that asks. */
export type SweepOpening = Omit<MemberOptions, 'runtime'>

serveTasks(async (opening: SweepOpening) => memberTasks({ ...opening, runtime: nodeRuntime({ threads: 1 }) }))
