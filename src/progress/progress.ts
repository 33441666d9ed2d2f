// How long work says where it is. Passed in from outside; the command line draws a bar with an estimate, a
// test counts calls, a library user passes nothing.

/** A running piece of work of `total` steps. */
export interface ProgressTask {
  /** Adds `steps` (default 1) to what is done; `note` is shown beside the bar. */
  advance(steps?: number, note?: string): void
  /** Ends the task. */
  end(): void
}

export interface Progress {
  /** Starts a task of `total` steps of `unit` (`images`, `steps`, `epochs`). */
  start(label: string, total: number, unit?: string): ProgressTask
}

const nothing: ProgressTask = { advance() {}, end() {} }

/** Says nothing. */
export const silent: Progress = { start: () => nothing }
