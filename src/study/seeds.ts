// A study over several seeds of training. Intervals of one pair of networks say how sure the numbers of these two
// are; only other seeds say whether training another pair would give the same. Each claim is judged by the
// difference R - S within each seed, with Student's interval over seeds.

import { z } from 'zod'
import { Estimate } from '../probe/statistics.ts'
import { studentMean } from '../probe/student.ts'
import { Finding, list, Verdict, written } from './claim.ts'
import { type Names, type Pair, PairOf, pairOf, type Role } from './pair.ts'

const Pooled = z.object({
  /** R - S: mean over seeds with its interval. */
  change: Estimate,
  /** The values of each seed, in their order. */
  each: PairOf(z.array(z.number())),
})

/** A claim over all seeds; `standard` and `robust` are means over seeds. */
export const PooledFinding = Finding.omit({ difference: true }).extend({
  ...Pooled.shape,
  parts: z
    .array(Pooled.extend({ label: z.string(), verdict: Verdict, standard: Estimate, robust: Estimate }))
    .optional(),
})
export type PooledFinding = z.infer<typeof PooledFinding>

export const SeedRun = z.object({
  /** The seed that both networks were trained from. */
  seed: z.number(),
  models: PairOf(z.object({ source: z.string(), fingerprint: z.string() })),
  findings: z.array(Finding),
})
export type SeedRun = z.infer<typeof SeedRun>

export const Seeds = z.object({ runs: z.array(SeedRun), findings: z.array(PooledFinding) })
export type Seeds = z.infer<typeof Seeds>

/** Each claim that every run decides, pooled. `runs`: at least two. */
export function poolFindings(runs: readonly SeedRun[], names: Names): PooledFinding[] {
  const [first, ...others] = runs
  return (first?.findings ?? []).flatMap(finding => {
    const own = [finding, ...others.flatMap(run => run.findings.find(({ id }) => id === finding.id) ?? [])]
    if (own.length < runs.length) return []
    const { higher, unit, parts } = finding
    const { difference: _, ...claim } = finding
    const pooled = { ...claim, ...pool(own, higher, unit) }
    return [
      {
        ...pooled,
        sentence: sentenceOf(pooled, own, runs, names),
        parts: parts?.flatMap(({ label }) => {
          const same = own.flatMap(one => one.parts?.find(part => part.label === label) ?? [])
          return same.length < runs.length ? [] : [{ label, ...pool(same, higher, unit) }]
        }),
      },
    ]
  })
}

/**
 * One measure over seeds. Seeds whose own verdicts contradict each other decide nothing; otherwise the interval
 * of the difference does, by the side of zero on which it lies.
 */
function pool(own: readonly (Pair & { readonly verdict: Verdict })[], higher: Role, unit: Finding['unit']) {
  const each = pairOf(role => own.map(one => one[role].value))
  const change = studentMean(each.robust.map((value, seed) => value - each.standard[seed]!))
  return {
    ...pairOf(role => within(studentMean(each[role]), unit)),
    change,
    each,
    verdict: verdictOver(
      change,
      higher,
      own.map(one => one.verdict),
    ),
  }
}

function verdictOver(difference: Estimate, higher: Role, verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('reproduced') && verdicts.includes('reversed')) return 'not at this size'
  const side = difference.low > 0 ? 1 : difference.high < 0 ? -1 : 0
  if (side === 0) return 'not at this size'
  return side === (higher === 'robust' ? 1 : -1) ? 'reproduced' : 'reversed'
}

/** Shares stay in [0, 1]. */
function within({ value, low, high }: Estimate, unit: Finding['unit']): Estimate {
  return unit === 'percent' ? { value, low: Math.max(0, low), high: Math.min(1, high) } : { value, low, high }
}

function sentenceOf(
  { change, unit, ...pair }: Pick<PooledFinding, 'change' | 'unit' | Role>,
  own: readonly Finding[],
  runs: readonly SeedRun[],
  { standard: s, robust: r }: Names,
): string {
  const [scale, digits, points] =
    unit === 'percent'
      ? [100, Math.abs(change.value) < 0.0995 ? 1 : 0, ' points']
      : [1, Math.abs(pair.robust.value) < 1 ? 3 : 2, '']
  const text = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(scale * value).toFixed(digits)}`
  const seeds = (verdict: Verdict) =>
    runs.filter((_, i) => own[i]?.verdict === verdict).map(run => String(run.seed))
  const verdicts = Verdict.options.filter(verdict => seeds(verdict).length > 0)
  const [only] = verdicts
  const bySeed =
    verdicts.length === 1
      ? only === 'not at this size'
        ? 'no seed shows it by itself'
        : `${only} in every seed`
      : verdicts
          .map(
            verdict =>
              `${verdict} in ${seeds(verdict).length === 1 ? 'seed' : 'seeds'} ${list(seeds(verdict))}`,
          )
          .join(', ')
  const numbers = `${text(change.value)}${points} [${text(change.low)}, ${text(change.high)}]`
  return `${written(pair.robust, unit)} in ${r}, ${written(pair.standard, unit)} in ${s} over ${runs.length} seeds: ${r} − ${s} is ${numbers}; ${bySeed}`
}
