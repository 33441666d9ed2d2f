// A simplicity bias over seeds of training: the measures that decide it, seed by seed, and their means.

import type { BiasFinding } from '../../study/bias.ts'
import type { PooledFinding } from '../../study/seeds.ts'
import type { Study } from '../../study/study.ts'
import { byLayer } from '../by-layer.ts'
import { type Html, html } from '../html.ts'
import { decimal, percent, sentence } from '../text.ts'

/** The figure; nothing where the study has one seed only. */
export function biasSeeds(study: Study, bias: BiasFinding['bias']): Html | undefined {
  const own = study.seeds?.findings.filter(finding => finding.bias === bias) ?? []
  if (own.length === 0) return undefined
  const verdict = study.biases.find(one => one.bias === bias)?.verdict
  return html`<figure class="seeds"><h3>Over seeds of training</h3>${own.map(finding => chart(study, finding))}<figcaption>${
    verdict && `All together: ${verdict}. `
  }${own.map(finding => `${sentence(`${finding.topic ?? finding.measure}: ${finding.sentence}`)} `)}Bars: the
interval of each seed's own networks; of the mean, Student's 95 % interval over seeds.</figcaption></figure>`
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
    format: unit === 'percent' ? percent : value => (Math.abs(value) < 1 ? value.toFixed(3) : decimal(value)),
    axis: measure,
    fromZero: unit === 'percent',
  })
}
