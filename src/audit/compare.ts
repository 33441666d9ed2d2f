// What changed between two runs (audits of one network before and after, or two studies): every condition that both
// measured on the same images, tested image by image and corrected for how many there are.

import { z } from 'zod'
import { readCsv } from '../data/csv.ts'
import { corruptionNames } from '../distort/index.ts'
import { InputError } from '../errors/input-error.ts'
import {
  bootstrapMeanShare,
  compareByPermutation,
  compareShapeBias,
  compareShares,
  Estimate,
  holm,
  noShapeBias,
  PairedComparison,
  type ShapeBias,
  shapeBiasOf,
  significanceLevel,
  wilson,
} from '../probe/index.ts'
import type { Random } from '../tensor/random.ts'

/** One run as it lies in its folder. */
export interface Run {
  /** As messages call it. */
  readonly name: string
  /** The text of its images.csv. */
  readonly images: string
  readonly data: readonly { readonly name: string; readonly fingerprint: string }[]
}

const Change = z.object({
  /** Empty where each run has one network. */
  model: z.string(),
  /** `accuracy clean`, `shape bias` */
  measure: z.string(),
  first: Estimate,
  second: Estimate,
  /** Second minus first. */
  ...PairedComparison.shape,
  /** p after Holm's correction. */
  corrected: z.number(),
  verdict: z.enum(['higher', 'lower', 'no difference']),
})
export type Change = z.infer<typeof Change>

export const RunComparison = z.object({
  first: z.string(),
  second: z.string(),
  /** In the order of the first run. */
  changes: z.array(Change),
  /** Conditions that only one run has, or that saw other images. */
  notCompared: z.array(z.string()),
})
export type RunComparison = z.infer<typeof RunComparison>

export interface CompareOptions {
  readonly random: Random
  /** Bootstrap resamples and permutations for shape bias. */
  readonly resamples: number
}

const columns = ['condition', 'model', 'image', 'label', 'texture', 'decision', 'correct'] as const
type Row = Readonly<Record<(typeof columns)[number], string>>

/** The condition whose images have a shape and a texture of two classes. */
const conflictCondition = 'cue-conflict'

/**
 * @throws InputError when the runs share no network or no condition, or a data set of the same name holds other images
 */
export function compareRuns(first: Run, second: Run, options: CompareOptions): RunComparison {
  requireSameData(first, second)
  const [before, after] = [conditionsOf(first), conditionsOf(second)]
  const pairs = modelPairs(before, after, first, second)
  const notCompared: string[] = []
  const found = pairs.flatMap(({ label, a, b }) => {
    const corrupted: { before: Row[]; after: Row[] }[] = []
    const changes = [...new Set([...a.keys(), ...b.keys()])].flatMap(condition => {
      const [mine, theirs] = [a.get(condition), b.get(condition)]
      const what = label === '' ? condition : `${condition} of ${label}`
      if (mine === undefined || theirs === undefined) {
        notCompared.push(`${what} (only in ${mine === undefined ? second.name : first.name})`)
        return []
      }
      const aligned = inOrderOf(mine, theirs)
      if (aligned === undefined) {
        notCompared.push(`${what} (other images)`)
        return []
      }
      if (isCorruption(condition)) {
        corrupted.push({ before: mine, after: aligned })
        return []
      }
      if (condition !== conflictCondition) return [accuracyChange(condition, mine, aligned)]
      const change = biasChange(mine, aligned, options)
      if (typeof change !== 'string') return [change]
      notCompared.push(`shape bias${label === '' ? '' : ` of ${label}`} (${change})`)
      return []
    })
    return [...changes, ...corruptionChange(corrupted, options)].map(change => ({ model: label, ...change }))
  })
  if (found.length === 0)
    throw new InputError(
      `${first.name} and ${second.name} have no condition in common: there is nothing to compare`,
    )
  const corrected = holm(found.map(({ p }) => p))
  const changes = found.map((change, i): Change => {
    const p = corrected[i]!
    const { value } = change.difference
    const verdict = p >= significanceLevel || value === 0 ? 'no difference' : value > 0 ? 'higher' : 'lower'
    return { ...change, corrected: p, verdict }
  })
  return { first: first.name, second: second.name, changes, notCompared }
}

/** A sample of a set bears the set's name, so that a name may stand for several fingerprints. */
function requireSameData(first: Run, second: Run): void {
  for (const name of new Set(first.data.map(set => set.name))) {
    const [mine, theirs] = [first, second].map(({ data }) =>
      data.filter(set => set.name === name).map(({ fingerprint }) => fingerprint),
    )
    if (theirs!.length > 0 && !theirs!.some(fingerprint => mine!.includes(fingerprint))) {
      throw new InputError(
        `${first.name} and ${second.name} saw different images of ${name}: compare runs on the same data`,
      )
    }
  }
}

/** Rows by model and condition. */
function conditionsOf({ images, name }: Run): Map<string, Map<string, Row[]>> {
  const models = new Map<string, Map<string, Row[]>>()
  for (const row of readCsv(images, columns, `images.csv of ${name}`)) {
    const conditions = models.get(row.model) ?? new Map<string, Row[]>()
    models.set(row.model, conditions)
    const rows = conditions.get(row.condition)
    if (rows === undefined) conditions.set(row.condition, [row])
    else rows.push(row)
  }
  return models
}

type Conditions = Map<string, Row[]>

function modelPairs(
  before: Map<string, Conditions>,
  after: Map<string, Conditions>,
  first: Run,
  second: Run,
): { label: string; a: Conditions; b: Conditions }[] {
  if (before.size === 1 && after.size === 1)
    return [{ label: '', a: [...before.values()][0]!, b: [...after.values()][0]! }]
  const shared = [...before.keys()].filter(name => after.has(name))
  if (shared.length === 0) {
    throw new InputError(
      `${first.name} has the networks ${[...before.keys()].join(', ')}, ${second.name} ${[...after.keys()].join(', ')}: ` +
        'name them alike to compare them',
    )
  }
  return shared.map(label => ({ label, a: before.get(label)!, b: after.get(label)! }))
}

/** `rows` in the order of `reference`; undefined when they are not of the same images. */
function inOrderOf(reference: readonly Row[], rows: readonly Row[]): Row[] | undefined {
  const byImage = new Map(rows.map(row => [row.image, row]))
  if (byImage.size !== reference.length || rows.length !== reference.length) return undefined
  const ordered = reference.map(row => byImage.get(row.image))
  return ordered.every((row, i): row is Row => row !== undefined && row.label === reference[i]!.label)
    ? ordered
    : undefined
}

type Untested = Omit<Change, 'model' | 'corrected' | 'verdict'>

function accuracyChange(condition: string, before: readonly Row[], after: readonly Row[]): Untested {
  const right = (rows: readonly Row[]) => Uint8Array.from(rows, row => (row.correct === '1' ? 1 : 0))
  const share = (hits: Uint8Array) =>
    wilson(
      hits.reduce((sum, hit) => sum + hit, 0),
      hits.length,
    )
  const [a, b] = [right(before), right(after)]
  return { measure: `accuracy ${condition}`, first: share(a), second: share(b), ...compareShares(b, a) }
}

const isCorruption = (condition: string) =>
  corruptionNames.some(name => condition.startsWith(`${name}-`) && /-[1-5]$/.test(condition))

/**
 * All corruptions and severities in one number, since asking about dozens would hide what changed: per image, the
 * share of them under which it is decided right, by a permutation test over images.
 */
function corruptionChange(
  conditions: readonly { readonly before: readonly Row[]; readonly after: readonly Row[] }[],
  { random, resamples }: CompareOptions,
): Untested[] {
  const [one] = conditions
  if (one === undefined) return []
  const images = one.before.map(row => row.image)
  const shares = (side: 'before' | 'after') => {
    const hits = new Float64Array(images.length)
    const place = new Map(images.map((image, i) => [image, i]))
    for (const condition of conditions) {
      for (const { image, correct } of condition[side]) {
        const at = place.get(image)
        if (at !== undefined && correct === '1') hits[at]! += 1 / conditions.length
      }
    }
    return hits
  }
  const [a, b] = [shares('before'), shares('after')]
  const estimate = (values: Float64Array) =>
    bootstrapMeanShare(values, { random: random.fork('corruptions'), resamples })
  const comparison = compareByPermutation(
    images.length,
    (indices, swapped) => {
      let sum = 0
      for (const i of indices) sum += (b[i]! - a[i]!) * (swapped[i] ? -1 : 1)
      return sum / indices.length
    },
    { random: random.fork('corruptions difference'), resamples },
  )
  const measure = `accuracy under ${conditions.length} corruptions`
  return [{ measure, first: estimate(a), second: estimate(b), ...comparison }]
}

/** The change, or why there is none. */
function biasChange(
  before: readonly Row[],
  after: readonly Row[],
  { random, resamples }: CompareOptions,
): Untested | string {
  const bias = (rows: readonly Row[]) => biasOf(rows, { random: random.fork('shape bias'), resamples })
  const [a, b] = [bias(before), bias(after)]
  const comparison = compareShapeBias(b, a, { random: random.fork('shape bias difference'), resamples })
  if (comparison === null || a.shapeBias === null || b.shapeBias === null) {
    const where = a.shapeBias === null ? (b.shapeBias === null ? 'both' : 'the first') : 'the second'
    return `${where}: ${noShapeBias(a.images)}`
  }
  return { measure: 'shape bias', first: a.shapeBias, second: b.shapeBias, ...comparison }
}

function biasOf(rows: readonly Row[], options: CompareOptions): ShapeBias {
  const classes = [...new Set(rows.flatMap(row => [row.label, row.texture]))].sort()
  return shapeBiasOf(
    {
      names: rows.map(row => row.image),
      shapes: rows.map(row => classes.indexOf(row.label)),
      textures: rows.map(row => classes.indexOf(row.texture)),
      decisions: rows.map(row => classes.indexOf(row.decision)),
    },
    classes,
    options,
  )
}
