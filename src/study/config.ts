// The config of a study, as YAML: two models, the data, and what is asked. Every key has a default except
// models and data; an unknown key is an error, since a misspelt one would silently be its default.

import { parseDocument } from 'yaml'
import { z } from 'zod'
import { InputError } from '../errors/input-error.ts'
import { BaseConfig } from './base-config.ts'
import { chapterList } from './chapters.ts'

const nothingToSet = z.strictObject({})

export const StudyConfig = BaseConfig.extend({
  /** By chapter: its settings, or `false` to leave it out. */
  chapters: z
    .strictObject(
      Object.fromEntries(
        chapterList.map(([key, { settings = nothingToSet }]) => [
          key,
          z.union([z.literal(false), settings]).prefault({}),
        ]),
      ),
    )
    .prefault({}),
})
export type StudyConfig = z.infer<typeof StudyConfig>

/**
 * Reads a config.
 * @param what how errors call it, such as its path
 * @throws InputError naming the wrong key by its path.
 */
export function parseConfig(text: string, what: string): StudyConfig {
  return checkedConfig(parseYaml(text, what), what)
}

/** The plain data in YAML. @throws InputError saying what is wrong with it */
export function parseYaml(text: string, what: string): unknown {
  // Aliases could blow a small file up to gigabytes; a config needs few.
  const document = parseDocument(text, { prettyErrors: true })
  const [fault] = document.errors
  if (fault) throw new InputError(`${what} is not YAML: ${oneLine(fault.message)}`)
  try {
    return document.toJS({ maxAliasCount: 20 })
  } catch (error) {
    throw new InputError(`${what} uses too many aliases: write its values out`, { cause: error })
  }
}

/** A config as plain data, checked, with defaults filled in. */
export function checkedConfig(value: unknown, what: string): StudyConfig {
  return checkedBy(StudyConfig, value, what)
}

/** `value` if it is what `schema` wants. @throws InputError naming every wrong key by its path */
export function checkedBy<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value)
  if (!result.success) {
    throw new InputError(`${what}: ${result.error.issues.map(issue => explain(issue)).join('; ')}`)
  }
  return result.data
}

function explain(issue: z.core.$ZodIssue, above: readonly PropertyKey[] = []): string {
  const at = [...above, ...issue.path]
  const path = at.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map(key => (path ? `${path}.${key}` : key))
    return `unknown key ${keys.join(', ')}`
  }
  // Of a chapter: `false` or its settings, and what is wrong with the settings is what helps.
  const inner = issue.code === 'invalid_union' ? issue.errors.at(-1) : undefined
  if (inner !== undefined && inner.length > 0) return inner.map(one => explain(one, at)).join('; ')
  const message = issue.message.replace(/^Invalid input: /, '')
  return path ? `${path}: ${message}` : message
}

function oneLine(text: string): string {
  return text.split('\n')[0]?.replace(/:$/, '') ?? text
}
