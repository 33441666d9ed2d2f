// Decisions of people and networks in the CSV form of bethgelab/model-vs-human, so that either can be compared
// with what that toolbox has collected: one row per picture shown.

import { InputError } from '../errors/input-error.ts'
import { readCsv, writeCsv } from './csv.ts'

const columns = [
  'subj',
  'session',
  'trial',
  'rt',
  'object_response',
  'category',
  'condition',
  'imagename',
] as const

/** How people's missing answers are written, and decisions that are no class of the data. */
export const NO_RESPONSE = 'na'

/** One picture shown to one subject. */
export interface Trial {
  readonly subject: string
  readonly session: number
  /** From 1, within a session. */
  readonly trial: number
  /** Seconds; NaN for networks. */
  readonly reactionTime: number
  /** The class that was answered, or {@link NO_RESPONSE}. */
  readonly response: string
  /** The class that was right. */
  readonly category: string
  /** What was done to the picture (`c05`, `fog-3`); `0` for nothing. */
  readonly condition: string
  readonly image: string
}

/** Where model-vs-human looks for a session, below its folder; `_` separates parts there, so names lose theirs. */
export function trialsPath(dataset: string, model: string, session = 1): string {
  return `raw-data/${dataset}/${dataset}_${subjectName(model)}_session-${session}.csv`
}

/** The form in which a model's name stands in these files. */
export function subjectName(model: string): string {
  return model.replaceAll('_', '-')
}

/** `trials` as such a CSV. */
export function writeTrials(trials: Iterable<Trial>): string {
  const rows = Array.from(trials, t => ({
    subj: subjectName(t.subject),
    session: t.session,
    trial: t.trial,
    rt: Number.isNaN(t.reactionTime) ? 'NaN' : t.reactionTime,
    object_response: t.response,
    category: t.category,
    condition: t.condition,
    imagename: t.image,
  }))
  return writeCsv(columns, rows)
}

/**
 * Reads such a CSV; some of the published ones write `Session` for `session`.
 * @param what how error messages call the file
 * @throws InputError when a column is missing or a number is none.
 */
export function readTrials(text: string, what = 'trials'): Trial[] {
  const named = text.replace(/^[^\n]*/, header => header.toLowerCase())
  return readCsv(named, columns, what).map((row, i) => {
    const number = (name: 'session' | 'trial') => {
      const value = Number(row[name])
      if (!Number.isInteger(value) || row[name].trim() === '') {
        throw new InputError(
          `${what}: row ${i + 2} has ${name} ${JSON.stringify(row[name])}, expected a whole number`,
        )
      }
      return value
    }
    return {
      subject: row.subj,
      session: number('session'),
      trial: number('trial'),
      reactionTime: /^(nan|na)?$/i.test(row.rt.trim()) ? Number.NaN : Number(row.rt),
      response: row.object_response,
      category: row.category,
      condition: row.condition,
      image: row.imagename,
    }
  })
}

/** Shape and texture of a cue-conflict picture, from a name that ends in `cat1-bird3.png`; undefined for others. */
export function cuesOfName(image: string): { readonly shape: string; readonly texture: string } | undefined {
  const [, shape, texture] = /(?:^|[_/])([^_/]+?)\d*-([^_/]+?)\d*\.[^.]+$/.exec(image) ?? []
  return shape === undefined || texture === undefined ? undefined : { shape, texture }
}
