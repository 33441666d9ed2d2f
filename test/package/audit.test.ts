// The command audit with tasks side by side, in processes that only the built package can start.

import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { writeTinyStudy } from './tiny-study.ts'
import { silhouette, workspace } from './workspace.ts'

let root: string
const audit = (out: string, threads: number) =>
  silhouette(
    ...['audit', join(root, 'plain.onnx'), '--data', join(root, 'images')],
    ...['--cue-conflict', join(root, 'conflicts'), '--out', join(root, out), '--threads', String(threads)],
    ...['--severities', '3', '--n-ex', '4', '--steps', '2', '--resamples', '100', '--quiet'],
  )

beforeAll(async () => {
  root = mkdtempSync(join(workspace, 'audit-'))
  await writeTinyStudy(root)
})

test('two processes find what one does', async () => {
  const [one, two] = await Promise.all([audit('one', 1), audit('two', 2)])
  expect(one).toMatchObject({ code: 0, err: '' })
  expect(two).toMatchObject({ code: 0, err: '' })
  for (const file of ['audit.json', 'images.csv', 'audit.html', 'junit.xml'])
    expect(readFileSync(join(root, 'two', file), 'utf8')).toBe(readFileSync(join(root, 'one', file), 'utf8'))
  expect(readdirSync(join(root, 'two/ledger'))).toEqual(readdirSync(join(root, 'one/ledger')))
})

test('a picture that cannot be read is one sentence from either', async () => {
  writeFileSync(join(root, 'images/cat/cat3.png'), 'no picture')
  const [one, two] = await Promise.all([audit('bad-one', 1), audit('bad-two', 2)])
  expect(one).toMatchObject({ code: 2, err: expect.stringMatching(/^silhouette: .*cat3\.png.*\n$/) })
  expect(two).toEqual(one)
})
