// The paper's three simplicity biases, each with one verdict drawn from the claims about it: reproduced when all
// of them are, reversed when one is and none is reproduced, and otherwise not shown at this size.

import { z } from 'zod'
import { Bias, type Finding, Verdict, written } from './claim.ts'
import type { Names } from './pair.ts'

export const BiasFinding = z.object({
  bias: Bias,
  /** What the paper reports, as a statement. */
  claim: z.string(),
  verdict: Verdict,
  /** What was found, in one plain sentence. */
  sentence: z.string(),
})
export type BiasFinding = z.infer<typeof BiasFinding>

const claims: Readonly<Record<Bias, (r: string) => string>> = {
  smoothness: r => `${r}'s kernels are smoother`,
  concepts: r => `${r}'s units detect simpler concepts: more colours and textures, fewer objects`,
  diversity: r => `${r}'s units respond to fewer types of images`,
}

/** One for each bias that `findings` say something about. */
export function biasesOf(findings: readonly Finding[], names: Names): BiasFinding[] {
  return Bias.options.flatMap(bias => {
    const own = findings.filter(finding => finding.bias === bias)
    if (own.length === 0) return []
    const verdict = together(own.map(finding => finding.verdict))
    return [{ bias, claim: claims[bias](names.robust), verdict, sentence: sentenceOf(own, names) }]
  })
}

function together(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.every(verdict => verdict === 'reproduced')) return 'reproduced'
  const isReversed = verdicts.includes('reversed') && !verdicts.includes('reproduced')
  return isReversed ? 'reversed' : 'not at this size'
}

/** The sentence of the only claim, or the numbers and the verdict of each of several. */
function sentenceOf(findings: readonly Finding[], { standard: s, robust: r }: Names): string {
  const [only] = findings
  if (findings.length === 1 && only) return only.sentence
  return findings
    .map(finding => {
      const { standard, robust, unit, verdict, topic = finding.measure } = finding
      return `${topic}: ${written(robust, unit)} in ${r}, ${written(standard, unit)} in ${s} (${verdict})`
    })
    .join('; ')
}
