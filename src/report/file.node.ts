// From a run folder to report.html: reads study.json and the ledger's pictures, computes nothing.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../errors/input-error.ts'
import { writeFileAtomic } from '../files/atomic.node.ts'
import { ledgerPicture, runFiles } from '../study/run-files.node.ts'
import { Study } from '../study/study.ts'
import { renderReport } from './report.ts'

/**
 * Writes the report of the finished study in `folder`.
 * @param out default: `report.html` in `folder`
 * @returns the report's path
 * @throws InputError when there is no finished study, a picture is missing, or `out` cannot be written.
 */
export function writeReport(folder: string, out = runFiles(folder).report): string {
  const study = readStudy(folder)
  const page = renderReport(study, ({ task, name }) => {
    const path = ledgerPicture(runFiles(folder).ledger, task, name)
    if (!existsSync(path)) {
      throw new InputError(`the picture ${path} is missing: run the study again`)
    }
    return readFileSync(path)
  })
  writeFileAtomic(out, page)
  return out
}

/**
 * Reads study.json of a run folder.
 * @throws InputError when it is not there or of another form.
 */
export function readStudy(folder: string): Study {
  const path = runFiles(folder).study
  if (!existsSync(path)) {
    throw new InputError(
      `${folder} holds no finished study (no ${join(folder, 'study.json')}): finish it with silhouette study`,
    )
  }
  let json: unknown
  try {
    json = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new InputError(`${path} is not JSON: run the study again`, { cause: error })
  }
  const study = Study.safeParse(json)
  if (!study.success) {
    const [issue] = study.error.issues
    throw new InputError(
      `${path} was not written by this version of silhouette (${issue?.path.join('.')}: ${issue?.message}): run the study again`,
    )
  }
  return study.data
}
