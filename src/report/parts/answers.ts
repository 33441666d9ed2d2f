// The study's answers at a glance: shape bias and the three simplicity biases, each a verdict, a figure and a sentence.

import { Bias, type Finding } from '../../study/claim.ts'
import type { PooledFinding } from '../../study/seeds.ts'
import type { Study } from '../../study/study.ts'
import { byLayer } from '../by-layer.ts'
import { type Html, html } from '../html.ts'
import { percent, plainNumber, sentence } from '../text.ts'
import { verdictMark } from './verdict-mark.ts'

type AnyFinding = Finding | PooledFinding

const titles: Readonly<Record<Bias, string>> = {
  smoothness: 'Simplicity 1: smoothness',
  concepts: 'Simplicity 2: concepts',
  diversity: 'Simplicity 3: types of inputs',
}

/** One card for each answer that the study has. */
export function answers(study: Study): Html | undefined {
  const findings: readonly AnyFinding[] = study.seeds?.findings ?? study.findings
  const shape = findings.find(({ id }) => id === 'shape-bias')
  const cards = [
    ...(shape ? [card(study, 'Shape bias', shape, [shape])] : []),
    ...Bias.options.flatMap(bias => {
      const found = study.biases.find(one => one.bias === bias)
      const own = findings.filter(finding => finding.bias === bias)
      return found === undefined || own.length === 0 ? [] : [card(study, titles[bias], found, own)]
    }),
  ]
  if (cards.length === 0) return undefined
  const bars =
    study.seeds === undefined
      ? 'Bars: 95 % intervals.'
      : `Marks: means over ${study.seeds.runs.length} seeds of training, with Student's 95 % intervals; strokes: the seeds.`
  return html`<div class="answers">${cards}</div><p class="note">What the paper claims, what came of it here, and the measure that
decides. ${bars}</p>`
}

function card(
  study: Study,
  title: string,
  { verdict, claim, sentence: found }: Pick<Finding, 'verdict' | 'claim' | 'sentence'>,
  findings: readonly AnyFinding[],
): Html {
  const [first] = findings
  const link = first?.chapter === undefined ? html`${title}` : html`<a href="#${first.chapter}">${title}</a>`
  return html`<article><p class="kicker">${link} ${verdictMark(verdict)}</p>
<h3>${claim}</h3>
<figure>${figure(study, findings)}</figure>
<p class="found">${sentence(found)}</p></article>`
}

function figure(study: Study, findings: readonly AnyFinding[]): Html | undefined {
  const [first] = findings
  if (first === undefined) return undefined
  const isShare = first.unit === 'percent'
  const several = findings.length > 1
  return byLayer(study, {
    what: several ? 'What decides it' : first.measure,
    rows: findings.map(finding => ({
      label: several ? (finding.topic ?? finding.measure) : '',
      standard: finding.standard,
      robust: finding.robust,
      ...('each' in finding && { each: finding.each }),
    })),
    format: isShare ? percent : plainNumber,
    axis: several ? 'share of units' : (first.topic ?? first.measure),
    fromZero: isShare,
    ...(first.id === 'shape-bias' && { to: 1 }),
    width: 496,
    labelWidth: several ? 82 : 10,
  })
}
