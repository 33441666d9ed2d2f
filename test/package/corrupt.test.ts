// The command corrupt in several threads, which only the built package can start.

import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { writePictures } from '../support/picture-folder.ts'
import { main, node, silhouette, workspace } from './workspace.ts'

/** Every file below `folder` with its bytes. */
function contents(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(path => statSync(join(folder, path)).isFile())
    .sort()
  return new Map(files.map(path => [path, readFileSync(join(folder, path)).toString('base64')]))
}

test('two workers write the bytes of one', async () => {
  const root = mkdtempSync(join(workspace, 'corrupt-'))
  const images = join(root, 'images')
  await writePictures(images, ['a/1.png', 'a/2.png', 'b/3.png'], [20, 16])
  const corrupted = async (workers: number) => {
    const out = join(root, `by-${workers}`)
    const ran = await silhouette(
      ...['corrupt', images, '--out', out, '--workers', String(workers)],
      ...['--corruptions', 'all', '--severities', '2,5', '--format', 'png', '--quiet'],
    )
    expect(ran).toMatchObject({ code: 0, err: '' })
    return contents(out)
  }
  const [one, two] = await Promise.all([corrupted(1), corrupted(2)])
  expect([...one.keys()].filter(path => path.endsWith('.png'))).toHaveLength(3 * 19 * 2)
  expect(two).toEqual(one)
})

test('killed in the middle, it goes on where it was, with the bytes of a run that was not', async () => {
  const root = mkdtempSync(join(workspace, 'corrupt-'))
  const images = join(root, 'images')
  await writePictures(images, ['a/1.png', 'a/2.png', 'b/3.png', 'b/4.png'], [48, 48])
  const commandTo = (out: string) => [
    ...[main, 'corrupt', images, '--out', join(root, out), '--workers', '2'],
    ...['--corruptions', 'all', '--format', 'png', '--quiet', '--json'],
  ]
  const pictures = (out: string) =>
    existsSync(join(root, out))
      ? readdirSync(join(root, out), { recursive: true, encoding: 'utf8' }).filter(path =>
          path.endsWith('.png'),
        )
      : []
  const killed = await node(commandTo('killed'), {
    started: child => {
      const watch = setInterval(() => {
        if (pictures('killed').length > 20) child.kill('SIGKILL')
      }, 5)
      child.on('close', () => clearInterval(watch))
    },
  })
  expect(killed.signal).toBe('SIGKILL')
  const before = pictures('killed').length
  expect(before).toBeGreaterThan(20)
  expect(before).toBeLessThan(380)

  const [resumed, whole] = await Promise.all([node(commandTo('killed')), node(commandTo('whole'))])
  const found = z.object({ made: z.number(), kept: z.number() }).parse(JSON.parse(resumed.out))
  expect(found).toEqual({ made: 380 - before, kept: before })
  expect(whole.code).toBe(0)
  expect(contents(join(root, 'killed'))).toEqual(contents(join(root, 'whole')))
})
