// A simplicity bias over seeds of training: the measures that decide it, seed by seed, and their means.

import type { BiasFinding } from '../../study/bias.ts'
import type { PooledFinding } from '../../study/seeds.ts'
import type { Study } from '../../study/study.ts'
import { byLayer } from '../by-layer.ts'
import { type Html, html } from '../html.ts'
import { percent, plainNumber, sentence } from '../text.ts'

/** The figure; nothing where the study has one seed only. */
export function biasSeeds(study: Study, bias: BiasFinding['bias']): Html | undefined {
  const own = study.seeds?.findings.filter(finding => finding.bias === bias) ?? []
  if (own.length === 0) return undefined
  return html`<figure class="seeds"><h3>Over seeds of training</h3>${own.map(finding => chart(study, finding))}<figcaption>Bars: the interval of each seed's own networks; of the mean, Student's 95 %
interval over seeds. ${own.length > 1 ? own.map(finding => `${sentence(`${finding.topic ?? finding.measure}: ${finding.sentence}`)} `) : ''}</figcaption></figure>`
}

function chart(study: Study, finding: PooledFinding): Html {
  const { id, measure, unit, standard, robust } = finding
  const seeds = (study.seeds?.runs ?? []).flatMap(({ seed, findings }) =>
    findings
      .filter(one => one.id === id)
      .map(one => ({ label: `seed ${seed}`, standard: one.standard, robust: one.robust })),
  )
  return byLayer(study, {
    what: `${measure}, seed by seed`,
    rows: [...seeds, { label: 'mean', standard, robust }],
    format: unit === 'percent' ? percent : plainNumber,
    axis: measure,
    fromZero: unit === 'percent',
  })
}
