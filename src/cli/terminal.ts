// What a command sees of the place it runs in: two streams and a signal. Tests pass their own.

/** Where text goes; `process.stdout` and `process.stderr` are two. */
export interface Sink {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** Results go to `out`, everything else (progress, remarks, errors) to `err`. */
export interface Terminal {
  readonly out: Sink
  readonly err: Sink
  /** Whether escape codes are welcome on `err`: a terminal, and NO_COLOR is not set. */
  readonly color: boolean
  /** Fires on Ctrl-C. Long work stops at its next safe point; what is finished stays. */
  readonly signal: AbortSignal
}
