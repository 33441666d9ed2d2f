// Folders that are filled file by file and gone on with later: what the files were made with is kept beside them, so
// that two runs are never mixed.

import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../errors/input-error.ts'
import { writeFileAtomic } from './atomic.node.ts'

/**
 * Writes `settings` to `folder`/settings.json where there is none.
 * @throws InputError when there is one that says something else
 */
export function keepSettings(folder: string, settings: Readonly<Record<string, unknown>>): void {
  const path = join(folder, 'settings.json')
  const text = `${JSON.stringify(settings, undefined, 1)}\n`
  if (!statSync(path, { throwIfNoEntry: false })) writeFileAtomic(path, text)
  else if (readFileSync(path, 'utf8') !== text) {
    throw new InputError(
      `${folder} holds files that were made with other settings (see ${path}): choose another folder or the same settings`,
    )
  }
}
