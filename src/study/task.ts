// A unit of work that is done once and remembered. What it is remembered under is a hash of everything that
// affects its result and nothing else: a changed input is a new task, a changed progress bar is not.

import type { z } from 'zod'
import type { Json } from '../probe/probe.ts'
import type { Progress } from '../progress/progress.ts'
import type { PairOf } from './pair.ts'

/** Everything that a result depends on. */
export interface TaskIdentity {
  /** The probe's name, such as `shape-bias`. */
  readonly probe: string
  /** Raised whenever the probe would give another result on the same inputs. */
  readonly version: number
  readonly options: Json
  /** Fingerprints by role: one model, or a pair. */
  readonly models: Readonly<Record<string, string>>
  /** Fingerprints of the data sets it reads; none for probes that look at weights alone. */
  readonly data: readonly string[]
  readonly seed: number
}

export interface TaskContext {
  readonly progress: Progress
  readonly signal: AbortSignal | undefined
  /** The answer of a task that comes earlier in the study. */
  answerOf<R>(task: Task<R>): R
}

/** What a finished task leaves: a result of the task's schema, and pictures (PNG bytes) by name. */
export interface Outcome<R> {
  readonly result: R
  readonly pictures?: Readonly<Record<string, Uint8Array>>
}

export interface Task<R = unknown> {
  /** What a person reads beside the progress bar: `shape bias of S`. */
  readonly label: string
  /** Its work has parts whose own labels are read behind this one. */
  readonly inParts?: boolean
  readonly identity: TaskIdentity
  readonly schema: z.ZodType<R>
  /** Earlier tasks whose answers it asks for. */
  readonly needs?: readonly Task[]
  run(context: TaskContext): Promise<Outcome<R>>
}

/** Something asked of both networks. */
export type TaskPair<R> = PairOf<Task<R>>

/** SHA-256 of the identity's canonical JSON, 64 hex digits. */
export async function taskHash(identity: TaskIdentity): Promise<string> {
  const { probe, version, options, models, data, seed } = identity
  const text = canonicalJson({ format: 1, probe, version, options, models, data, seed })
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('')
}

/** JSON with the keys of every object in code-unit order, so that equal values have equal texts. */
export function canonicalJson(value: Json, indent?: number): string {
  return JSON.stringify(sorted(value), undefined, indent)
}

function sorted(value: Json): Json {
  if (value === null || typeof value !== 'object') return value
  if (isList(value)) return value.map(sorted)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]))
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)
