// Does the tasks of a study that are not done yet. Killed at any point and started again, it repeats no
// finished task and ends with the same outcomes.

import { type Progress, silent } from '../progress/progress.ts'
import type { Ledger } from './ledger.ts'
import { type Outcome, type Task, taskHash } from './task.ts'

export interface RunOptions {
  readonly progress?: Progress
  /** Asked between tasks, and by the tasks within. */
  readonly signal?: AbortSignal
}

export interface FinishedTask {
  readonly task: Task
  readonly hash: string
  readonly outcome: Outcome<unknown>
}

export interface RunResult {
  /** In the order of the tasks. */
  readonly finished: readonly FinishedTask[]
  /** How many were run now; the others were found in the ledger. */
  readonly ran: number
}

/**
 * Runs `tasks` in order, each whose hash the ledger does not hold.
 * @throws the signal's reason when it fires; what was finished stays in the ledger.
 */
export async function runTasks(
  tasks: readonly Task[],
  ledger: Ledger,
  { progress = silent, signal }: RunOptions = {},
): Promise<RunResult> {
  const finished: FinishedTask[] = []
  let ran = 0
  const answerOf = <R>(task: Task<R>): R => {
    const earlier = finished.find(one => one.task === task)
    if (earlier === undefined) throw new Error(`${task.label} is needed before its turn`)
    return task.schema.parse(earlier.outcome.result)
  }
  for (const [i, task] of tasks.entries()) {
    signal?.throwIfAborted()
    const hash = await taskHash(task.identity)
    let outcome = await ledger.get(hash, task)
    if (outcome === undefined) {
      const labelled: Progress = {
        start: (_, total, unit) => progress.start(`${i + 1}/${tasks.length} ${task.label}`, total, unit),
      }
      await ledger.put(hash, task, await task.run({ progress: labelled, signal, answerOf }))
      ran++
      // Read back: whether a task ran now or before must make no difference to anyone.
      outcome = await ledger.get(hash, task)
    }
    if (outcome === undefined) throw new Error(`the ledger forgot task ${hash} (${task.label})`)
    finished.push({ task, hash, outcome })
  }
  return { finished, ran }
}
