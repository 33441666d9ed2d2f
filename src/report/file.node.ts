// From a run folder to report.html: reads study.json and the ledger's pictures, computes nothing.

import { existsSync, readFileSync } from 'node:fs'
import { join, parse } from 'node:path'
import { InputError } from '../errors/input-error.ts'
import { writeFileAtomic } from '../files/atomic.node.ts'
import type { Picture } from '../study/picture.ts'
import { ledgerPicture, runFiles } from '../study/run-files.node.ts'
import { Study } from '../study/study.ts'
import { StudiedUnits } from '../study/units.ts'
import { imageSource } from './html.ts'
import { renderReport } from './report.ts'
import { unitPageNames } from './unit-page-names.ts'
import { renderUnitPages } from './unit-pages.ts'

/**
 * Writes the report of the finished study in `folder`, and the pages of its layers and units into a folder beside
 * it that is called as the report is (`report.html`, `report/`).
 * @param out default: `report.html` in `folder`
 * @returns the report's path
 * @throws InputError when there is no finished study, a picture is missing, or `out` cannot be written.
 */
export function writeReport(folder: string, out = runFiles(folder).report): string {
  const study = readStudy(folder)
  const units = readUnits(folder)
  const { dir, name, base } = parse(out)
  const bytesOf = ({ task, name: picture }: Picture) => {
    const path = ledgerPicture(runFiles(folder).ledger, task, picture)
    if (!existsSync(path)) {
      throw new InputError(`the picture ${path} is missing: run the study again`)
    }
    return readFileSync(path)
  }
  const image = (picture: Picture) => imageSource(picture.name, bytesOf(picture))
  const names = unitPageNames(units.layers.map(({ layer, units }) => ({ layer, units: units.length })))
  const pages = renderUnitPages({ study, units, names, report: `../${base}`, image })
  for (const [file, page] of pages) writeFileAtomic(join(dir, name, file), page)
  const pageOf = (layer: string, channel?: number) => {
    const file = names.of(layer, channel)
    return file === undefined ? undefined : `${name}/${file}`
  }
  writeFileAtomic(out, renderReport(study, bytesOf, pageOf))
  return out
}

/** Reads units.json of a run folder. A study from before there was one has no units. */
function readUnits(folder: string): StudiedUnits {
  const path = runFiles(folder).units
  if (!existsSync(path)) return { format: 1, layers: [] }
  const units = StudiedUnits.safeParse(parsed(path))
  if (!units.success) {
    throw new InputError(`${path} was not written by this version of silhouette: run the study again`)
  }
  return units.data
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
  const study = Study.safeParse(parsed(path))
  if (!study.success) {
    const [issue] = study.error.issues
    throw new InputError(
      `${path} was not written by this version of silhouette (${issue?.path.join('.')}: ${issue?.message}): run the study again`,
    )
  }
  return study.data
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new InputError(`${path} is not JSON: run the study again`, { cause: error })
  }
}
