import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { InputError } from '../../../src/errors/input-error.ts'
import { writeFileAtomic } from '../../../src/files/atomic.node.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'silhouette-atomic-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('writeFileAtomic', () => {
  it('makes the folders on the way and leaves nothing but the file', () => {
    const path = join(folder, 'a', 'b', 'c.txt')
    writeFileAtomic(path, 'one')
    writeFileAtomic(path, 'two')
    expect(readFileSync(path, 'utf8')).toBe('two')
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['c.txt'])
  })

  it('refuses a path through a file, and a folder, in one sentence', () => {
    writeFileSync(join(folder, 'file'), '')
    for (const path of [join(folder, 'file', 'x.txt'), folder]) {
      expect(() => writeFileAtomic(path, 'text')).toThrow(InputError)
      expect(() => writeFileAtomic(path, 'text')).toThrow(
        /^cannot write .*; (choose another place|name a file)$/,
      )
    }
    expect(readdirSync(folder).filter(name => name.endsWith('.tmp'))).toEqual([])
  })

  it.skipIf(!existsSync('/proc/self'))('does not hang where no folder can be made', () => {
    expect(() => writeFileAtomic('/proc/silhouette/x.csv', 'text')).toThrow(
      'cannot write /proc/silhouette/x.csv: nothing can be made there; choose another place',
    )
  })
})
