// A process that does tasks of a study: see workers.node.ts.

import { InputError } from '../errors/input-error.ts'
import { encodePng, encodeWebp } from '../image/codec.node.ts'
import type { Progress } from '../progress/progress.ts'
import { nodeRuntime } from '../runtime/node.ts'
import { namesOf, planStudy } from './plan.ts'
import { openStudyData } from './study-data.node.ts'
import { openStudyModel } from './study-model.node.ts'
import { type Task, taskHash } from './task.ts'
import type { Opening, Order, Report } from './workers.node.ts'

const say = (report: Report) => void process.send?.(report)
let plan: Promise<readonly Task[]> | undefined

process.on('message', (order: Order) => {
  if (order.kind === 'open') {
    plan = planned(order.opening)
    // Whoever asks for the first task hears of it.
    plan.catch(() => {})
  } else void run(order)
})
// Ctrl-C reaches every process of a terminal; the one that asked decides what becomes of this one.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit())

async function planned({ config, base, paths, evidence }: Opening): Promise<readonly Task[]> {
  const runtime = nodeRuntime({ threads: 1 })
  const names = namesOf(config)
  const open = async (role: 'standard' | 'robust') =>
    (await openStudyModel(names[role], paths[role], paths[role], runtime)).classifier
  const models = { standard: await open('standard'), robust: await open('robust') }
  const data = await openStudyData(config, models.standard, { base })
  return planStudy({ config, models, data, encodePng, encodeWebp, evidence }).tasks
}

async function run({ place, hash, answers }: Extract<Order, { kind: 'run' }>): Promise<void> {
  try {
    const task = (await plan)?.[place]
    if (task === undefined || (await taskHash(task.identity)) !== hash) {
      throw new InputError('the networks or images of the study changed while it ran: start it again')
    }
    const known = new Map(task.needs?.map((needed, i) => [needed, answers[i]]))
    const outcome = await task.run({
      progress: toldProgress(),
      signal: undefined,
      answerOf: needed => needed.schema.parse(known.get(needed)),
    })
    say({ kind: 'done', outcome })
  } catch (error) {
    const input = error instanceof InputError
    const message =
      error instanceof Error ? (input ? error.message : (error.stack ?? error.message)) : String(error)
    say({ kind: 'failed', input, message })
  }
}

/** Says how far the work is to the process that asked. */
function toldProgress(): Progress {
  let works = 0
  return {
    start(_, total, unit) {
      const work = works++
      say({ kind: 'start', work, total, ...(unit !== undefined && { unit }) })
      return {
        advance: (steps, note) =>
          say({
            kind: 'advance',
            work,
            ...(steps !== undefined && { steps }),
            ...(note !== undefined && { note }),
          }),
        end: () => say({ kind: 'end', work }),
      }
    },
  }
}
