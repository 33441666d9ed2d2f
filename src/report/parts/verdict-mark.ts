// How a verdict is shown.

import type { BiasFinding } from '../../study/bias.ts'
import type { Verdict } from '../../study/claim.ts'
import type { Study } from '../../study/study.ts'
import { type Html, html } from '../html.ts'
import { sentence } from '../text.ts'

/** A verdict as a label. */
export function verdictMark(verdict: Verdict): Html {
  return html`<span class="verdict ${verdict.replaceAll(' ', '-')}">${verdict}</span>`
}

/** The verdict on one of the simplicity biases, with what was found. */
export function biasVerdict(study: Study, bias: BiasFinding['bias']): Html | undefined {
  const found = study.biases.find(one => one.bias === bias)
  if (found === undefined) return undefined
  return html`<p>${verdictMark(found.verdict)}</p><p>${sentence(found.sentence)}</p>`
}
