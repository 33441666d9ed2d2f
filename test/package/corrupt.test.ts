// The command corrupt in several threads, which only the built package can start.

import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writePictures } from '../support/picture-folder.ts'
import { silhouette, workspace } from './workspace.ts'

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
