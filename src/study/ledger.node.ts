// The ledger as a folder: `<hash>.json` per finished task, beside it its pictures as `<hash>.<name>.png` (or `.webp`). The
// JSON file is written last and atomically, so a task is finished exactly when its JSON file exists.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { InputError, requireInput } from '../errors/input-error.ts'
import { writeFileAtomic } from '../files/atomic.node.ts'
import type { Ledger } from './ledger.ts'
import { ledgerEntry, ledgerPicture } from './run-files.node.ts'

const pictureName = /^[a-z0-9-]+(\.webp)?$/

const Entry = z.object({
  task: z.looseObject({ probe: z.string() }),
  /** Picture names with the SHA-256 of their bytes. */
  pictures: z.record(z.string().regex(pictureName), z.string()),
  result: z.unknown(),
})

/** The ledger in `folder`, which is made when the first task is finished. */
export function fileLedger(folder: string): Ledger {
  return {
    async get(hash, task) {
      const path = ledgerEntry(folder, hash)
      if (!existsSync(path)) return undefined
      const damaged = (what: string) =>
        new InputError(`the finished task ${path} (${task.label}) ${what}; delete the file to run it again`)
      let entry: z.infer<typeof Entry>
      try {
        entry = Entry.parse(JSON.parse(readFileSync(path, 'utf8')))
      } catch {
        throw damaged('is not a ledger entry')
      }
      const pictures: Record<string, Uint8Array> = {}
      for (const [name, sum] of Object.entries(entry.pictures)) {
        const file = ledgerPicture(folder, hash, name)
        if (!existsSync(file)) throw damaged(`lacks its picture ${file}`)
        const bytes = readFileSync(file)
        if (sha256(bytes) !== sum) throw damaged(`has another picture ${file} than the one it wrote`)
        pictures[name] = bytes
      }
      const result = task.schema.safeParse(entry.result)
      if (!result.success) throw damaged('holds something else than its result')
      return { result: result.data, pictures }
    },

    async put(hash, task, outcome) {
      const sums: Record<string, string> = {}
      for (const [name, bytes] of Object.entries(outcome.pictures ?? {})) {
        requireInput(
          pictureName.test(name),
          `picture names are lower-case words, with .webp behind them or nothing, found "${name}"`,
        )
        writeFileAtomic(ledgerPicture(folder, hash, name), bytes)
        sums[name] = sha256(bytes)
      }
      const entry = { task: task.identity, pictures: sums, result: outcome.result }
      writeFileAtomic(ledgerEntry(folder, hash), `${JSON.stringify(entry, undefined, 1)}\n`)
    },
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
