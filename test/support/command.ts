// A command line run in this process, and what it printed.

import { runCommandLine } from '../../src/cli/run.ts'

export async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = []
  const err: string[] = []
  const code = await runCommandLine(args, {
    out: { write: (text: string) => out.push(text) },
    err: { write: (text: string) => err.push(text) },
    color: false,
    signal: new AbortController().signal,
  })
  return { code, out: out.join(''), err: err.join('') }
}
