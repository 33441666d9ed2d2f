// The help text of every command, as a user reads it. In this group because commands load the engine.

import { expect, test } from 'vitest'
import { commands } from '../../../src/cli/commands.ts'
import { runCommandLine } from '../../../src/cli/run.ts'

test.each(commands.map(({ name }) => name))('silhouette %s --help', async name => {
  const text = { out: '', err: '' }
  const code = await runCommandLine([name, '--help'], {
    out: { write: (more: string) => (text.out += more) },
    err: { write: (more: string) => (text.err += more) },
    color: false,
    signal: new AbortController().signal,
  })
  expect({ code, err: text.err }).toEqual({ code: 0, err: '' })
  for (const option of ['--seed <n>', '--json', '--help']) expect(text.out).toContain(option)
  for (const line of text.out.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  expect(text.out).toMatchSnapshot()
})
