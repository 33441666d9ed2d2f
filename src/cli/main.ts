#!/usr/bin/env node
// The command `silhouette`: connects the process (arguments, streams, Ctrl-C) to run.ts.

import { runCommandLine } from './run.ts'

const controller = new AbortController()
process.on('SIGINT', () => {
  // The second Ctrl-C does not wait for a safe point.
  if (controller.signal.aborted) process.exit(130)
  controller.abort()
})
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', error => {
    // The reader went away (`silhouette ... | head`): nothing is left to say, and to nobody.
    if ('code' in error && error.code === 'EPIPE') process.exit(0)
    throw error
  })
}
process.exitCode = await runCommandLine(process.argv.slice(2), {
  out: process.stdout,
  err: process.stderr,
  color: process.stderr.isTTY === true && !process.env.NO_COLOR,
  signal: controller.signal,
})
