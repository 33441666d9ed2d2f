// The answers of a study's finished tasks, as its chapters read them.

import type { PairOf } from './pair.ts'
import type { Picture } from './picture.ts'
import type { FinishedTask } from './run.ts'
import type { Task, TaskPair } from './task.ts'

/** The answers of finished tasks, by task. */
export class Answers {
  private readonly byTask: ReadonlyMap<Task, FinishedTask>

  constructor(finished: readonly FinishedTask[]) {
    this.byTask = new Map(finished.map(one => [one.task, one]))
  }

  of<R>(task: Task<R>): R {
    return task.schema.parse(this.finished(task).outcome.result)
  }

  /** Both networks' answers, each turned into what `value` makes of it. */
  pair<R, V>(tasks: TaskPair<R>, value: (answer: R) => V): { standard: V; robust: V } {
    return { standard: value(this.of(tasks.standard)), robust: value(this.of(tasks.robust)) }
  }

  picture(task: Task, name: string): Picture {
    return { task: this.finished(task).hash, name }
  }

  /** The same picture of both networks' tasks. */
  pictures(tasks: PairOf<Task>, name: string): { standard: Picture; robust: Picture } {
    return { standard: this.picture(tasks.standard, name), robust: this.picture(tasks.robust, name) }
  }

  private finished(task: Task): FinishedTask {
    const finished = this.byTask.get(task)
    if (finished === undefined) throw new Error(`task ${task.label} was not run`)
    return finished
  }
}
