// Progress on a terminal: one bar with an estimate of the time left, redrawn in place. Where stderr is a file
// or a pipe, a line every ten seconds instead, so that logs stay readable.

import type { Progress, ProgressTask } from '../progress/progress.ts'
import type { Sink } from './terminal.ts'

export interface TerminalProgressOptions {
  readonly color: boolean
  /** Milliseconds; default: the machine's monotonic clock. */
  readonly now?: () => number
}

const redrawEvery = 100
const lineEvery = 10_000
const barWidth = 24

/** Progress drawn on `sink`. Of tasks that run within or beside each other the one that started last is shown. */
export function terminalProgress(sink: Sink, options: TerminalProgressOptions): Progress {
  const now = options.now ?? (() => performance.now())
  const running: symbol[] = []
  return {
    start(label, total, unit = 'steps') {
      return sink.isTTY
        ? barTask(sink, options.color, now, running, label, total, unit)
        : lineTask(sink, now, label, total, unit)
    },
  }
}

interface Clock {
  readonly started: number
  shown: number
}

function barTask(
  sink: Sink,
  color: boolean,
  now: () => number,
  running: symbol[],
  label: string,
  total: number,
  unit: string,
): ProgressTask {
  const clock: Clock = { started: now(), shown: Number.NEGATIVE_INFINITY }
  const own = Symbol(label)
  running.push(own)
  let done = 0
  const draw = (note: string | undefined, force: boolean) => {
    if (running.at(-1) !== own) return
    if (!force && now() - clock.shown < redrawEvery) return
    clock.shown = now()
    const share = total > 0 ? Math.min(1, done / total) : 1
    const filled = Math.round(share * barWidth)
    const bar = `${'━'.repeat(filled)}${color ? '\x1b[2m' : ''}${(color ? '━' : ' ').repeat(barWidth - filled)}${color ? '\x1b[22m' : ''}`
    const text = `${done}/${total} ${unit}${timing(now() - clock.started, share)}${note ? `  ${note}` : ''}`
    const width = (sink.columns ?? 80) - 1
    const head = `${label} `.slice(0, Math.max(0, width - barWidth - 1))
    sink.write(`\r\x1b[2K${head}${bar} ${text.slice(0, Math.max(0, width - head.length - barWidth - 1))}`)
  }
  draw(undefined, true)
  return {
    advance(steps = 1, note) {
      done += steps
      draw(note, done >= total)
    },
    end() {
      if (running.at(-1) === own) sink.write('\r\x1b[2K')
      if (running.includes(own)) running.splice(running.indexOf(own), 1)
    },
  }
}

function lineTask(sink: Sink, now: () => number, label: string, total: number, unit: string): ProgressTask {
  const clock: Clock = { started: now(), shown: now() }
  let done = 0
  return {
    advance(steps = 1, note) {
      done += steps
      if (now() - clock.shown < lineEvery) return
      clock.shown = now()
      const share = total > 0 ? Math.min(1, done / total) : 1
      sink.write(
        `${label}: ${done}/${total} ${unit}${timing(now() - clock.started, share)}${note ? `, ${note}` : ''}\n`,
      )
    },
    end() {},
  }
}

/** `, 12 s left`, once enough is done to say so. */
function timing(elapsed: number, share: number): string {
  if (share >= 1 || share <= 0 || elapsed < 1000) return ''
  return `, ${duration((elapsed / share) * (1 - share))} left`
}

/** Milliseconds as a person says them: `850 ms`, `12 s`, `3 min 05 s`, `2 h 10 min`. */
export function duration(ms: number): string {
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}
