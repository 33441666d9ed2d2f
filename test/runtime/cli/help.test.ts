// The help text of every command, as a user reads it. In this group because commands load the engine.

import { expect, test } from 'vitest'
import { commands } from '../../../src/cli/commands.ts'
import { run } from '../../support/command.ts'

test.each(commands.map(({ name }) => name))('silhouette %s --help', async name => {
  const { code, out, err } = await run(name, '--help')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  for (const option of ['--seed <n>', '--json', '--help']) expect(out).toContain(option)
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  expect(out).toMatchSnapshot()
})
