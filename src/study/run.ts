// Does the tasks of a study that are not done yet. Killed at any point and started again, it repeats no
// finished task and ends with the same outcomes.

import { type Progress, silent } from '../progress/progress.ts'
import type { Ledger } from './ledger.ts'
import { type Outcome, type Task, type TaskContext, taskHash } from './task.ts'

/** Where tasks are done, one at a time: here, or in another process (workers.node.ts). */
export interface Lane {
  run(task: Task, context: TaskContext): Promise<Outcome<unknown>>
}

export interface RunOptions {
  readonly progress?: Progress
  /** Asked between tasks, and by the tasks within. */
  readonly signal?: AbortSignal
  /** What works side by side. Default: one lane, here. */
  readonly lanes?: readonly Lane[]
}

export interface FinishedTask {
  readonly task: Task
  readonly hash: string
  readonly outcome: Outcome<unknown>
  /** How long it took; undefined when it was found in the ledger, or done under another label. */
  readonly seconds?: number | undefined
}

export interface RunResult {
  /** In the order of the tasks. */
  readonly finished: readonly FinishedTask[]
  /** How many were run now; the others were found in the ledger. */
  readonly ran: number
}

const here: Lane = { run: (task, context) => task.run(context) }

/**
 * Runs `tasks`, each whose hash the ledger does not hold. They are started in order; a task that needs another waits
 * for it. When one fails no further one is started.
 * @throws the signal's reason when it fires; what was finished stays in the ledger.
 */
export async function runTasks(
  tasks: readonly Task[],
  ledger: Ledger,
  { progress = silent, signal, lanes = [here] }: RunOptions = {},
): Promise<RunResult> {
  const hashes = new Map<Task, string>()
  for (const task of tasks) hashes.set(task, await taskHash(task.identity))
  const hashOf = (task: Task) => hashes.get(task) ?? ''
  const started = new Map<string, Promise<void>>()
  const outcomes = new Map<string, Outcome<unknown>>()
  const seconds = new Map<Task, number>()
  let [next, failed] = [0, false]

  const answerOf = <R>(task: Task<R>): R => {
    const outcome = outcomes.get(hashOf(task))
    if (outcome === undefined) throw new Error(`${task.label} is needed before its turn`)
    return task.schema.parse(outcome.result)
  }
  const finish = async (lane: Lane, task: Task, place: number) => {
    const hash = hashOf(task)
    let outcome = await ledger.get(hash, task)
    if (outcome === undefined) {
      for (const needed of task.needs ?? []) await started.get(hashOf(needed))
      const labelled: Progress = {
        start: (part, total, unit) => {
          const label = task.inParts ? `${task.label}: ${part}` : task.label
          return progress.start(`${place + 1}/${tasks.length} ${label}`, total, unit)
        },
      }
      const begun = performance.now()
      const answer = await lane.run(task, { progress: labelled, signal, answerOf })
      seconds.set(task, (performance.now() - begun) / 1000)
      await ledger.put(hash, task, answer)
      // Read back: whether a task ran now or before must make no difference to anyone.
      outcome = await ledger.get(hash, task)
    }
    if (outcome === undefined) throw new Error(`the ledger forgot task ${hash} (${task.label})`)
    outcomes.set(hash, outcome)
  }
  const work = async (lane: Lane) => {
    while (next < tasks.length && !failed) {
      signal?.throwIfAborted()
      const place = next++
      const task = tasks[place]!
      // Chapters may ask the same thing.
      if (started.has(hashOf(task))) continue
      const finishing = finish(lane, task, place)
      started.set(hashOf(task), finishing)
      try {
        await finishing
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  await Promise.all(lanes.map(work))
  const finished = tasks.map(task => {
    const hash = hashOf(task)
    return { task, hash, outcome: outcomes.get(hash)!, seconds: seconds.get(task) }
  })
  return { finished, ran: seconds.size }
}
