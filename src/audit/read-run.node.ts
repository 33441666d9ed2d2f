// A finished audit or study as it lies in its folder, for comparisons.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { InputError } from '../errors/input-error.ts'
import { runFiles } from '../study/run-files.node.ts'
import type { Run } from './compare.ts'
import { auditFiles } from './run.node.ts'

const Summary = z.object({ data: z.array(z.object({ name: z.string(), fingerprint: z.string() })) })

/** @throws InputError when the folder holds no finished audit or study */
export function readRun(folder: string): Run {
  const path = [auditFiles(folder).audit, runFiles(folder).study].find(file => existsSync(file))
  const images = join(folder, 'images.csv')
  if (path === undefined || !existsSync(images)) {
    throw new InputError(
      `${folder} holds no finished audit or study (no audit.json or study.json with images.csv): name a run folder`,
    )
  }
  try {
    const { data } = Summary.parse(JSON.parse(readFileSync(path, 'utf8')))
    return { name: folder, data, images: readFileSync(images, 'utf8') }
  } catch (error) {
    throw new InputError(`${path} cannot be read as a run: make the run again`, { cause: error })
  }
}
