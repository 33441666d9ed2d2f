// Tables with named columns in and out of CSV (RFC 4180), checked where they come in.

import { csvFormatRows, csvParseRows } from 'd3-dsv'
import { InputError } from '../errors/input-error.ts'

/** One row of a table by column name. */
export type Row<Column extends string> = Readonly<Record<Column, string>>

/**
 * Rows of a CSV text whose first row names its columns; other columns than `columns` are passed over.
 * @param what how error messages call the table
 * @throws InputError when a column is missing or a row has another number of cells than the first.
 */
export function readCsv<Column extends string>(
  text: string,
  columns: readonly Column[],
  what: string,
): Row<Column>[] {
  const [header = [], ...rows] = csvParseRows(text.replace(/^\ufeff/, ''))
  const missing = columns.filter(column => !header.includes(column))
  if (missing.length > 0) {
    throw new InputError(
      `${what} lacks the columns ${missing.join(', ')} (found: ${header.join(', ') || 'nothing'})`,
    )
  }
  const places = columns.map(column => [column, header.indexOf(column)] as const)
  return rows.flatMap((cells, i) => {
    if (cells.length === 1 && cells[0] === '') return []
    if (cells.length !== header.length) {
      throw new InputError(`${what}: row ${i + 2} has ${cells.length} cells, expected ${header.length}`)
    }
    return [Object.fromEntries(places.map(([column, place]) => [column, cells[place]!])) as Row<Column>]
  })
}

/** A table as CSV: `columns` name the first row, every later line holds one of `rows`. */
export function writeCsv<Column extends string>(
  columns: readonly Column[],
  rows: Iterable<Readonly<Record<Column, string | number | boolean>>>,
): string {
  const lines = Array.from(rows, row => columns.map(column => String(row[column])))
  return `${csvFormatRows([[...columns], ...lines])}\n`
}
