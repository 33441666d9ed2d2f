// Where finished tasks are remembered. The file ledger (ledger.node.ts) is the one the command line uses.

import type { Outcome, Task } from './task.ts'

export interface Ledger {
  /**
   * The outcome of a task that has been finished, undefined when it has not been.
   * @throws InputError when what is stored cannot be read as the task's result.
   */
  get<R>(hash: string, task: Pick<Task<R>, 'schema' | 'label'>): Promise<Outcome<R> | undefined>
  /** Remembers an outcome. When this returns, it survives a kill; before, nothing of it is visible. */
  put<R>(hash: string, task: Pick<Task<R>, 'identity' | 'label'>, outcome: Outcome<R>): Promise<void>
}
