// The paper's claims against this study's numbers. Each claim has one primary measure, fixed before anything
// was measured, and one rule: the claim is reproduced when S and R differ in the direction that the paper reports,
// reversed when they differ in the other, and otherwise it does not show at this size. Where both were asked about
// the same images they differ when a paired test says so, corrected (Holm) for the number of such claims; elsewhere
// (kernels, units) when their 95 % intervals lie apart. Claims: Chen, Agarwal & Nguyen, arXiv 2006.09373.

import { z } from 'zod'
import { holm, PairedComparison, significanceLevel } from '../probe/significance.ts'
import type { Estimate } from '../probe/statistics.ts'
import { type Names, Pair, type Role } from './pair.ts'

export const Verdict = z.enum(['reproduced', 'not at this size', 'reversed'])
export type Verdict = z.infer<typeof Verdict>

/** The paper's three simplicity biases. */
export const Bias = z.enum(['smoothness', 'concepts', 'diversity'])
export type Bias = z.infer<typeof Bias>

export const Finding = Pair.extend({
  id: z.string(),
  /** What the paper reports, as a statement. */
  claim: z.string(),
  /** The primary measure in words. */
  measure: z.string(),
  /** How its numbers are written. */
  unit: z.enum(['percent', 'number']),
  /** Which network the paper reports the larger number for. */
  higher: z.enum(['standard', 'robust']),
  /** The chapter that decides it. */
  chapter: z.string().optional(),
  /** The simplicity bias that the claim is about, if it is about one. */
  bias: Bias.optional(),
  /** The measure in a word or two, where several decide a bias. */
  topic: z.string().optional(),
  verdict: Verdict,
  /** R minus S on the same images, where both saw the same; `corrected` is p after Holm's correction. */
  difference: PairedComparison.extend({ corrected: z.number() }).optional(),
  /** The same measure part by part, such as by layer. */
  parts: z.array(Pair.extend({ label: z.string(), verdict: Verdict })).optional(),
  /** What was found, in one plain sentence. */
  sentence: z.string(),
})
export type Finding = z.infer<typeof Finding>

/** A claim with the numbers that decide it. */
export interface Claim
  extends Pick<Finding, 'id' | 'claim' | 'measure' | 'unit' | 'higher' | 'chapter' | 'bias' | 'topic'> {
  readonly pair: Pair
  /** R minus S on the same images; decides, where there is one. */
  readonly difference?: PairedComparison
  readonly parts?: readonly (Pair & { readonly label: string })[]
  /** `text` gives the numbers as they are written. */
  sentence(verdict: Verdict, text: { readonly s: string; readonly r: string }): string
}

/** What comes of the claims of a study. */
export function findingsFrom(claims: readonly Claim[]): Finding[] {
  const tested = claims.filter(({ difference }) => difference !== undefined)
  const corrected = holm(tested.map(({ difference }) => difference!.p))
  return claims.map(claim => findingOf(claim, corrected[tested.indexOf(claim)]))
}

function findingOf({ pair, parts, sentence, difference, ...claim }: Claim, corrected = 1): Finding {
  const { standard, robust } = pair
  const verdict =
    difference === undefined
      ? verdictOf(pair, claim.higher)
      : testedVerdict({ ...difference, corrected }, claim.higher)
  const text = { s: written(standard, claim.unit), r: written(robust, claim.unit) }
  return {
    ...claim,
    verdict,
    standard,
    robust,
    ...(difference && { difference: { ...difference, corrected } }),
    ...(parts && { parts: parts.map(part => ({ ...part, verdict: verdictOf(part, claim.higher) })) }),
    sentence: sentence(verdict, text),
  }
}

/** The verdict on a claim that `higher` has the larger number, by the corrected p-value of R minus S. */
export function testedVerdict(
  { difference, corrected }: { readonly difference: Estimate; readonly corrected: number },
  higher: Role,
): Verdict {
  if (corrected >= significanceLevel || difference.value === 0) return 'not at this size'
  return difference.value > 0 === (higher === 'robust') ? 'reproduced' : 'reversed'
}

/** The study's answer in one sentence. */
export function headline(found: readonly Finding[], names: Names): string {
  const bias = found.find(finding => finding.id === 'shape-bias')
  const { standard: s, robust: r } = names
  if (bias === undefined) return `${s} and ${r} beside each other; shape bias was not measured.`
  const numbers = `shape bias ${interval(bias.robust)} against ${interval(bias.standard)}`
  const sees = (estimate: Estimate) =>
    estimate.low > 0.5 ? 'shapes' : estimate.high < 0.5 ? 'textures' : 'shapes and textures alike'
  if (bias.verdict === 'reproduced') {
    return sees(bias.robust) === 'shapes' && sees(bias.standard) === 'textures'
      ? `${r} sees shapes where ${s} sees textures: ${numbers}.`
      : `Adversarial training moved ${r} towards shape: ${numbers}.`
  }
  if (bias.verdict === 'reversed') return `Adversarial training moved ${r} towards texture: ${numbers}.`
  return `Adversarial training did not change what decides, shape or texture: ${numbers}.`
}

/** The verdict on a claim that `higher` has the larger number: only intervals that lie apart decide. */
export function verdictOf({ standard, robust }: Pair, higher: Role): Verdict {
  const direction = order(robust, standard) * (higher === 'robust' ? 1 : -1)
  return direction > 0 ? 'reproduced' : direction < 0 ? 'reversed' : 'not at this size'
}

/** -1: `a` lies below `b`, 1: above, 0: their intervals overlap and nothing is said. */
function order(a: Estimate, b: Estimate): -1 | 0 | 1 {
  return a.high < b.low ? -1 : a.low > b.high ? 1 : 0
}

const percent = (value: number) => `${(100 * value).toFixed(value < 0.0995 && value > 0 ? 1 : 0)} %`

/** A number as sentences have it. */
export function written(estimate: Estimate, unit: Finding['unit']): string {
  const { value } = estimate
  return unit === 'percent' ? percent(value) : value.toFixed(Math.abs(value) < 1 ? 3 : 2)
}

/** `88 % [86, 90]` */
function interval({ value, low, high }: Estimate): string {
  return `${percent(value)} [${(100 * low).toFixed(0)}, ${(100 * high).toFixed(0)}]`
}

/** `conv1, conv2 and conv3` */
export function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
