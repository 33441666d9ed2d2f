// The paper's claims against this study's numbers. Each claim has one primary measure, fixed before anything
// was measured, and one rule: the claim is reproduced when the 95 % intervals of S and R lie apart in the
// direction that the paper reports, reversed when they lie apart in the other, and otherwise it does not show
// at this size. Claims: Chen, Agarwal & Nguyen, arXiv 2006.09373.

import { z } from 'zod'
import { Estimate } from '../probe/statistics.ts'

export const Verdict = z.enum(['reproduced', 'not at this size', 'reversed'])
export type Verdict = z.infer<typeof Verdict>

export const Finding = z.object({
  id: z.string(),
  /** What the paper reports, as a statement. */
  claim: z.string(),
  /** The primary measure in words. */
  measure: z.string(),
  /** How its numbers are written. */
  unit: z.enum(['percent', 'number']),
  verdict: Verdict,
  standard: Estimate,
  robust: Estimate,
  /** What was found, in one plain sentence. */
  sentence: z.string(),
})
export type Finding = z.infer<typeof Finding>

/** S beside R. */
export interface Pair {
  readonly standard: Estimate
  readonly robust: Estimate
}

/** The primary measures; what a study did not measure is left out, and so is the claim about it. */
export interface Measures {
  /** Accuracy on clean images. */
  readonly clean?: Pair
  /** Accuracy under attack at the radius that R was trained with. */
  readonly attacked?: Pair & { readonly attack: string }
  readonly shapeBias?: Pair
  /** Accuracy on shapes without their texture. */
  readonly shapeOnly?: Pair
  /** Accuracy on textures without their shape. */
  readonly textureOnly?: Pair
  /** Total variation of unit-norm kernels by layer, from the first on. */
  readonly smoothness?: readonly (Pair & { readonly layer: string })[]
  /** The same over all kernels of the network. */
  readonly networkSmoothness?: Pair
}

/** The findings, in the order in which the report tells them. */
export function findings(measures: Measures, names: { standard: string; robust: string }): Finding[] {
  const { standard: s, robust: r } = names
  const { clean, attacked, shapeBias, shapeOnly, textureOnly, smoothness, networkSmoothness } = measures
  const first = smoothness?.[0]
  const found: Finding[] = []
  const say = (
    claim: Omit<Finding, 'verdict' | 'standard' | 'robust' | 'sentence'>,
    pair: Pair,
    higher: 'standard' | 'robust',
    sentence: (verdict: Verdict, text: { s: string; r: string }) => string,
  ) => {
    const { standard, robust } = pair
    const verdict = verdictOf(pair, higher)
    const text = { s: written(standard, claim.unit), r: written(robust, claim.unit) }
    found.push({ ...claim, verdict, standard, robust, sentence: sentence(verdict, text) })
  }

  if (shapeBias) {
    say(
      {
        id: 'shape-bias',
        claim: 'Adversarial training turns a texture-biased network into a shape-biased one',
        measure: 'shape bias on cue-conflict images',
        unit: 'percent',
      },
      shapeBias,
      'robust',
      (verdict, text) =>
        ({
          reproduced: `where shape and texture disagree, ${r} decides by shape in ${text.r} of its decisions, ${s} in ${text.s}`,
          'not at this size': `${r} (${text.r}) and ${s} (${text.s}) decide by shape about equally often`,
          reversed: `${r} decides by shape less often (${text.r}) than ${s} (${text.s})`,
        })[verdict],
    )
  }
  if (attacked) {
    say(
      {
        id: 'robustness',
        claim: 'The robust network withstands the attack that breaks the standard one',
        measure: `accuracy under ${attacked.attack}`,
        unit: 'percent',
      },
      attacked,
      'robust',
      (_, text) =>
        `under ${attacked.attack} ${r} still classifies ${text.r} of the images correctly, ${s} ${text.s}${times(attacked)}`,
    )
  }
  if (clean) {
    say(
      {
        id: 'clean-cost',
        claim: 'Robustness costs accuracy on clean images',
        measure: 'accuracy on clean images',
        unit: 'percent',
      },
      clean,
      'standard',
      (_, text) => `${s} classifies ${text.s} of the clean images correctly, ${r} ${text.r}`,
    )
  }
  if (shapeOnly) {
    say(
      {
        id: 'shape-only',
        claim: 'The robust network is ahead where texture is gone',
        measure: 'accuracy on silhouettes filled with one colour',
        unit: 'percent',
      },
      shapeOnly,
      'robust',
      (_, text) => `from the shape alone ${r} recognises ${text.r} of the objects, ${s} ${text.s}`,
    )
  }
  if (textureOnly) {
    say(
      {
        id: 'texture-only',
        claim: 'The standard network is ahead where shape is gone',
        measure: 'accuracy on texture without an object',
        unit: 'percent',
      },
      textureOnly,
      'standard',
      (_, text) => `from the texture alone ${s} recognises ${text.s} of the classes, ${r} ${text.r}`,
    )
  }
  if (first) {
    say(
      {
        id: 'smooth-first-layer',
        claim: 'The first layer of the robust network is smoother',
        measure: `total variation of unit-norm kernels in ${first.layer}`,
        unit: 'number',
      },
      first,
      'standard',
      (verdict, text) =>
        verdict === 'not at this size'
          ? `the total variation of ${first.layer} is ${text.r} in ${r} and ${text.s} in ${s}, with intervals that overlap`
          : `the kernels of ${first.layer} are ${smoother(verdict)} in ${r} (total variation ${text.r}) than in ${s} (${text.s})`,
    )
  }
  if (networkSmoothness && smoothness) {
    say(
      {
        id: 'smooth-network',
        claim: 'The kernels of the robust network are smoother throughout',
        measure: 'total variation of unit-norm kernels, mean over the network',
        unit: 'number',
      },
      networkSmoothness,
      'standard',
      (verdict, text) =>
        `${
          verdict === 'not at this size'
            ? `over the whole network total variation is ${text.r} in ${r} and ${text.s} in ${s}, with intervals that overlap`
            : `over the whole network the kernels are ${smoother(verdict)} in ${r} (${text.r}) than in ${s} (${text.s})`
        }: ${byLayer(smoothness, r)}`,
    )
  }
  return found
}

/** The study's answer in one sentence. */
export function headline(found: readonly Finding[], names: { standard: string; robust: string }): string {
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

/** -1: `a` lies below `b`, 1: above, 0: their intervals overlap and nothing is said. */
function order(a: Estimate, b: Estimate): -1 | 0 | 1 {
  return a.high < b.low ? -1 : a.low > b.high ? 1 : 0
}

function verdictOf({ standard, robust }: Pair, higher: 'standard' | 'robust'): Verdict {
  const direction = order(robust, standard) * (higher === 'robust' ? 1 : -1)
  return direction > 0 ? 'reproduced' : direction < 0 ? 'reversed' : 'not at this size'
}

const percent = (value: number) => `${(100 * value).toFixed(value < 0.0995 && value > 0 ? 1 : 0)} %`

function written(estimate: Estimate, unit: Finding['unit']): string {
  return unit === 'percent' ? percent(estimate.value) : estimate.value.toFixed(2)
}

/** `88 % [86, 90]` */
function interval({ value, low, high }: Estimate): string {
  return `${percent(value)} [${(100 * low).toFixed(0)}, ${(100 * high).toFixed(0)}]`
}

/** How many times as many, when it is worth saying. */
function times({ standard, robust }: Pair): string {
  if (standard.value === 0) return ''
  const ratio = robust.value / standard.value
  return ratio >= 2 ? `: ${ratio < 10 ? ratio.toFixed(1) : ratio.toFixed(0)} times as many` : ''
}

function smoother(verdict: 'reproduced' | 'reversed'): string {
  return verdict === 'reproduced' ? 'smoother' : 'rougher'
}

/** `smoother in conv1, rougher in conv2, conv3` */
function byLayer(layers: NonNullable<Measures['smoothness']>, r: string): string {
  const groups = (
    [
      ['reproduced', 'smoother'],
      ['not at this size', 'not clearly different'],
      ['reversed', 'rougher'],
    ] as const
  )
    .map(([verdict, word]) => ({
      word,
      layers: layers.filter(layer => verdictOf(layer, 'standard') === verdict).map(layer => layer.layer),
    }))
    .filter(group => group.layers.length > 0)
  return `${r} is ${groups.map(group => `${group.word} in ${list(group.layers)}`).join(', ')}`
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
