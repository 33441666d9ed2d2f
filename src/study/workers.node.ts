// Tasks side by side: each lane is a process of its own on one core, which opens the same networks and data and does
// the tasks that it is told. Processes, not threads: a thread cannot be stopped while ONNX Runtime is at work in it. They keep
// nothing; results come back here and are written here, so one may be killed at any time.

import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { InputError } from '../errors/input-error.ts'
import type { ProgressTask } from '../progress/progress.ts'
import type { Lane } from './run.ts'
import { type Outcome, type Task, type TaskContext, taskHash } from './task.ts'

/** What a worker is told: what to open, then task after task. */
export type Order<O = unknown> =
  | { readonly kind: 'open'; readonly opening: O }
  | {
      readonly kind: 'run'
      /** Place of the task in the plan, and what it must be. */
      readonly place: number
      readonly hash: string
      /** Answers of the tasks that it needs, in their order. */
      readonly answers: readonly unknown[]
    }

/** What a worker says. Pieces of work within a task are numbered from 0. */
export type Report =
  | {
      readonly kind: 'start'
      readonly work: number
      readonly label: string
      readonly total: number
      readonly unit?: string
    }
  | { readonly kind: 'advance'; readonly work: number; readonly steps?: number; readonly note?: string }
  | { readonly kind: 'end'; readonly work: number }
  | { readonly kind: 'done'; readonly outcome: Outcome<unknown> }
  /** `input`: the sentence of an InputError, otherwise the stack of something else. */
  | { readonly kind: 'failed'; readonly input: boolean; readonly message: string }

export interface Workers {
  readonly lanes: readonly Lane[]
  /** Ends the processes, whatever they are doing. */
  close(): void
}

/**
 * `count` lanes for the tasks of `plan`. A process starts with its first task.
 * @param module what each process runs: a call of `serveTasks` whose plan of `opening` is the same
 */
export function openWorkers<O>(count: number, module: URL, opening: O, plan: readonly Task[]): Workers {
  const children: ChildProcess[] = []
  const lanes = Array.from({ length: count }, (): Lane => {
    let child: ChildProcess | undefined
    return {
      async run(task, context) {
        if (child === undefined) {
          child = startWorker(module, opening)
          children.push(child)
        }
        return runIn(child, task, plan.indexOf(task), context)
      },
    }
  })
  return {
    lanes,
    close() {
      for (const child of children) child.kill('SIGKILL')
    },
  }
}

/**
 * The module `name` beside the one at `url`: built code is .js; a runtime that reads TypeScript finds the source.
 * @param url `import.meta.url`
 */
export function workerModule(name: string, url: string): URL {
  return new URL(`./${name}${url.endsWith('.ts') ? '.ts' : '.js'}`, url)
}

function startWorker(module: URL, opening: unknown): ChildProcess {
  const child = fork(fileURLToPath(module), {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  tell(child, { kind: 'open', opening })
  return child
}

/** When it does not arrive the process has ended, and that is heard elsewhere. */
function tell(child: ChildProcess, order: Order): void {
  child.send(order, () => {})
}

/** Has `child` do one task. @throws the signal's reason, or what the worker says went wrong */
async function runIn(
  child: ChildProcess,
  task: Task,
  place: number,
  { progress, signal, answerOf }: TaskContext,
): Promise<Outcome<unknown>> {
  const hash = await taskHash(task.identity)
  const works = new Map<number, ProgressTask>()
  const answers = (task.needs ?? []).map(needed => answerOf(needed))
  let stop = () => {}
  try {
    return await new Promise<Outcome<unknown>>((resolve, reject) => {
      const hear = (report: Report) => {
        if (report.kind === 'start')
          works.set(report.work, progress.start(report.label, report.total, report.unit))
        else if (report.kind === 'advance') works.get(report.work)?.advance(report.steps, report.note)
        else if (report.kind === 'end') works.get(report.work)?.end()
        else if (report.kind === 'done') resolve(report.outcome)
        else reject(report.input ? new InputError(report.message) : new Error(report.message))
      }
      const leave = (code: number | null, name: string | null) =>
        reject(
          new InputError(
            `a worker ended in the middle of ${task.label} (${name ?? `exit code ${code}`}); finished work is kept: ` +
              'start again, on one core where memory is short',
          ),
        )
      const abort = () => reject(signal?.reason)
      child.on('message', hear)
      child.on('error', reject)
      child.on('exit', leave)
      signal?.addEventListener('abort', abort)
      stop = () => {
        child.off('message', hear)
        child.off('error', reject)
        child.off('exit', leave)
        signal?.removeEventListener('abort', abort)
      }
      if (child.exitCode !== null || child.signalCode !== null) leave(child.exitCode, child.signalCode)
      else tell(child, { kind: 'run', place, hash, answers })
    })
  } finally {
    stop()
  }
}
