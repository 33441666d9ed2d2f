// What a process that does tasks runs: see workers.node.ts.

import { InputError } from '../errors/input-error.ts'
import type { Progress } from '../progress/progress.ts'
import { type Task, taskHash } from './task.ts'
import type { Order, Report } from './workers.node.ts'

const say = (report: Report) => void process.send?.(report)

/** Does the tasks that this process is told of `planned`'s plan. @param planned opens what they need */
export function serveTasks<O>(planned: (opening: O) => Promise<readonly Task[]>): void {
  let plan: Promise<readonly Task[]> | undefined
  process.on('message', (order: Order<O>) => {
    if (order.kind === 'open') {
      plan = planned(order.opening)
      // Whoever asks for the first task hears of it.
      plan.catch(() => {})
    } else if (plan !== undefined) void run(plan, order)
  })
  // Ctrl-C reaches every process of a terminal; the one that asked decides what becomes of this one.
  process.on('SIGINT', () => {})
  process.on('disconnect', () => process.exit())
}

async function run(
  plan: Promise<readonly Task[]>,
  { place, hash, answers }: Extract<Order, { kind: 'run' }>,
): Promise<void> {
  try {
    const task = (await plan)[place]
    if (task === undefined || (await taskHash(task.identity)) !== hash) {
      throw new InputError('the networks or images changed while they were asked about: start again')
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
    start(label, total, unit) {
      const work = works++
      say({ kind: 'start', work, label, total, ...(unit !== undefined && { unit }) })
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
