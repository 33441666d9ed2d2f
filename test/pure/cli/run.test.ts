import { expect, test } from 'vitest'
import { run } from '../../support/command.ts'

test('without arguments and with --help: the list of commands', async () => {
  const help = await run('--help')
  expect(help.code).toBe(0)
  expect(help.err).toBe('')
  expect(help.out).toMatchSnapshot()
  expect((await run()).out).toBe(help.out)
})

test('--version', async () => {
  expect(await run('--version')).toEqual({
    code: 0,
    out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    err: '',
  })
})

test('an unknown command is one sentence with the nearest one and exit code 2', async () => {
  expect(await run('stduy')).toEqual({
    code: 2,
    out: '',
    err: "silhouette: unknown command 'stduy' (Did you mean study?); see silhouette --help\n",
  })
})

test('an unknown global option', async () => {
  expect(await run('--versoin')).toEqual({
    code: 2,
    out: '',
    err: "silhouette: unknown option '--versoin' (Did you mean --version?); see silhouette --help\n",
  })
})
