// The command as a user has it: exit codes, one sentence on stderr, results on stdout.

import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commands } from '../../src/cli/commands.ts'
import { silhouette, workspace } from './workspace.ts'

test('--help and --version print to stdout alone', async () => {
  const help = await silhouette('--help')
  expect(help).toMatchObject({ code: 0, err: '' })
  for (const { name } of commands) expect(help.out).toContain(`  ${name} `)
  expect(await silhouette('--version')).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringMatching(/^\d+\./),
  })
})

test('every command of the package loads', async () => {
  const helps = await Promise.all(commands.map(({ name }) => silhouette(name, '--help')))
  for (const [i, help] of helps.entries()) {
    expect(help, commands[i]?.name).toMatchObject({ code: 0, err: '' })
    expect(help.out).toContain(`Usage: silhouette ${commands[i]?.name}`)
    for (const option of ['--seed', '--json', '--help']) expect(help.out).toContain(option)
  }
})

describe('bad input is one sentence and exit code 2, with nothing written', () => {
  const folder = () => mkdtempSync(join(workspace, 'bad-'))

  test.each([
    [['frobnicate'], "unknown command 'frobnicate'; see silhouette --help"],
    [['study', '--speed'], "unknown option '--speed' (Did you mean --seed?); see silhouette study --help"],
    [
      ['study', '--seed', 'x'],
      "option '--seed <n>' argument 'x' is invalid: expected an integer of at least 0; see silhouette study --help",
    ],
    [['study', 'a.yaml', 'b.yaml'], 'too many arguments'],
    [['study', 'nowhere.yaml'], 'there is no config at nowhere.yaml'],
    [['study', '.'], 'cannot read .: is it a file'],
    [['report', 'nowhere'], 'nowhere holds no finished study'],
    [['report'], "missing required argument 'run'; see silhouette report --help"],
  ])('silhouette %j', async (args, message) => {
    const { code, out, err } = await silhouette(...args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(`silhouette: ${message}`)
    expect(err.trimEnd()).not.toContain('\n')
  })

  test.each([
    ['name: [', 'is not YAML'],
    ['name: x\nfoo: 1', 'unknown key foo'],
    [
      'name: x\nmodels: { standard: { name: a, path: a.onnx }, robust: { name: b, path: b.onnx } }\ndata: { kind: emoji16 }',
      'there is no model at',
    ],
  ])('config %#', async (text, message) => {
    const at = folder()
    writeFileSync(join(at, 'study.yaml'), text)
    const { code, out, err } = await silhouette('study', join(at, 'study.yaml'), '--out', join(at, 'run'))
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(message)
    expect(err.trimEnd()).not.toContain('\n')
    expect(existsSync(join(at, 'run'))).toBe(false)
  })
})
