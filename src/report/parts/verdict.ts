// The top of the report: the answer, who was compared, and every claim of the paper with what came of it.

import type { Finding } from '../../study/claim.ts'
import type { PooledFinding } from '../../study/seeds.ts'
import type { Study } from '../../study/study.ts'
import { type Html, html } from '../html.ts'
import { areLong, fullName, names, networkName, percent, plainNumber, pValue, sentence } from '../text.ts'
import { type Role, roles } from '../theme.ts'
import { answers } from './answers.ts'
import { verdictMark } from './verdict-mark.ts'

export function verdict(study: Study): Html {
  const findings: readonly (Finding | PooledFinding)[] = study.seeds?.findings ?? study.findings
  const reproduced = findings.filter(finding => finding.verdict === 'reproduced').length
  return html`
<header>
<p class="kicker">silhouette study: ${study.name}</p>
<h1>${inColour(study, study.headline)}</h1>
<p class="lede">${fullName(study, 'standard')} is the standard network, ${fullName(study, 'robust')} its adversarially
trained twin${areLong(study) ? html`; charts and tables call them ${networkName(study, 'standard')} and ${networkName(study, 'robust')}` : undefined}. ${
    findings.length === 0
      ? undefined
      : html`Of the ${findings.length} claims of <a href="https://arxiv.org/abs/2006.09373">Chen, Agarwal and Nguyen (2020)</a>
that this study asks about, ${reproduced === findings.length ? 'all' : reproduced} ${reproduced === 1 ? 'is' : 'are'} reproduced.`
  }</p>
</header>
${answers(study)}
${findings.length === 0 ? undefined : claims(findings, study)}`
}

function claims(findings: readonly (Finding | PooledFinding)[], study: Study): Html {
  return html`<h2>All claims</h2>
<table class="findings">
<thead><tr><th scope="col">Verdict</th><th scope="col">Claim, and what was found</th>${roles.map(
    role => html`<th scope="col">${networkName(study, role)}</th>`,
  )}</tr></thead>
<tbody>${findings.map(finding => row(finding, study))}</tbody>
</table>
<p class="note" style="margin: 14px 0 40px">A claim is reproduced when the two networks differ in the direction that the
paper reports, reversed when they differ in the other, and otherwise it does not show at this size. ${
    study.seeds === undefined ? overImages : overSeeds(study.seeds)
  } Each claim has one measure, fixed before anything was measured.</p>`
}

const overImages = html`On the same images they differ when a paired test says so at 5 % (accuracy: McNemar's, exact; shape
bias: permutation; p after Holm's correction for the claims of this table); elsewhere when their 95 % intervals lie apart.`

function overSeeds({ runs }: NonNullable<Study['seeds']>): Html {
  return html`Over ${runs.length} seeds of training they differ when Student's 95 % interval of the difference within each
seed excludes zero; seeds whose own verdicts contradict each other decide nothing. Numbers are means over seeds with their
intervals, and below them the values of seeds ${runs.map(({ seed }) => seed).join(', ')}, in this order. The chapters show
the networks of seed ${runs[0]?.seed}, unless they say otherwise.`
}

/** `text` with the networks' names in their colours. */
function inColour(study: Study, text: string): Html[] {
  const known = roles.map(role => study.models[role].name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return text.split(new RegExp(`(?<!\\w)(${known.join('|')})(?!\\w)`)).map(word => {
    const role = roles.find(one => study.models[one].name === word)
    return role === undefined ? html`${word}` : html`<span class="${role}">${word}</span>`
  })
}

function row(finding: Finding | PooledFinding, study: Study): Html {
  const { verdict, claim, chapter, measure, sentence: found } = finding
  const test = 'each' in finding || !finding.difference ? undefined : tested(finding, finding.difference)
  return html`<tr>
<td>${verdictMark(verdict)}</td>
<td><span class="claim">${chapter === undefined ? claim : html`<a href="#${chapter}">${claim}</a>`}</span>${sentence(found)}
<small>Measure: ${measure}.${test && html` ${test}`}</small></td>
${roles.map(role => number(finding, role, study))}</tr>`
}

/** `Difference +35 points [32, 38], p < 0.0001.` */
function tested(
  { unit }: Finding,
  { difference: { value, low, high }, corrected }: NonNullable<Finding['difference']>,
): string {
  const scale = unit === 'percent' ? 100 : 1
  const signed = (x: number) =>
    `${x < 0 ? '−' : '+'}${Math.abs(scale * x).toFixed(unit === 'percent' ? 0 : 2)}`
  return `Difference ${signed(value)}${unit === 'percent' ? ' points' : ''} [${signed(low)}, ${signed(high)}], ${pValue(corrected)}.`
}

function number(finding: Finding | PooledFinding, role: Role, study: Study): Html {
  const { value, low, high } = finding[role]
  const inPercent = finding.unit === 'percent'
  const bound = (x: number) => (inPercent ? percent(x).replace(' %', '') : plainNumber(x))
  const each = 'each' in finding ? finding.each[role].map(bound).join(', ') : undefined
  return html`<td class="num ${role}" data-name="${names(study)[role]}">${inPercent ? percent(value) : plainNumber(value)}<small>${bound(low)} to ${bound(high)}</small>${each && html`<small>seeds: ${each}</small>`}</td>`
}
