// Folders of trials as model-vs-human keeps them: `<root>/<data set>/<data set>_<observer>_session-N.csv`.

import { readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { InputError } from '../errors/input-error.ts'
import { foldersIn, inByteOrder } from './image-list.node.ts'
import { readTrials, type Trial } from './trials.ts'

/**
 * Reads every trial below `roots`; a root is such a folder, or that of one data set, which gives it its name. Trials
 * of a data set that lies in several roots are put together, so that one's own may stay apart from the published.
 * @returns data sets in byte order
 * @throws InputError when a root has no CSV files, or one is not of this form
 */
export function readTrialFolders(roots: readonly string[]): { dataset: string; trials: Trial[] }[] {
  const found = new Map<string, Trial[]>()
  for (const root of roots) {
    const own = tablesIn(root)
    const folders =
      own.length > 0
        ? [{ dataset: basename(resolve(root)), folder: root, tables: own }]
        : datasetFolders(root)
    if (folders.length === 0)
      throw new InputError(
        `${root} has no trials; expected ${join(root, 'edge', 'edge_resnet50_session-1.csv')}`,
      )
    for (const { dataset, folder, tables } of folders) {
      const trials = tables.flatMap(table => {
        const path = join(folder, table)
        return readTrials(readFileSync(path, 'utf8'), path)
      })
      found.set(dataset, [...(found.get(dataset) ?? []), ...trials])
    }
  }
  return inByteOrder([...found.keys()]).map(dataset => ({ dataset, trials: found.get(dataset)! }))
}

function datasetFolders(root: string) {
  return foldersIn(root).flatMap(dataset => {
    const folder = join(root, dataset)
    const tables = tablesIn(folder)
    return tables.length > 0 ? [{ dataset, folder, tables }] : []
  })
}

/** Names of the sessions' CSV files in a folder; others beside them (`performances`) are passed over. */
function tablesIn(folder: string): string[] {
  foldersIn(folder) // says what is wrong with a folder that cannot be read
  return inByteOrder(readdirSync(folder).filter(name => /_session[-_]\d+\.csv$/i.test(name)))
}
