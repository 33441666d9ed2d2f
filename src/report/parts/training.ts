// How the networks came to be: the logs of their training.

import type { Study } from '../../study/study.ts'
import { curveChart } from '../charts/curve.ts'
import { type Html, html, raw } from '../html.ts'
import { names, percent } from '../text.ts'
import { type Role, roles } from '../theme.ts'

type Row = Study['models']['standard']['log'][number]

export function training(study: Study): Html | undefined {
  if (roles.every(role => study.models[role].log.length === 0)) return undefined
  const chart = (
    alt: string,
    label: string,
    format: (y: number) => string,
    top: number | undefined,
    value: (row: Row) => number | undefined,
  ) => {
    const curves = roles.flatMap(role => {
      const points = study.models[role].log.flatMap(row => {
        const y = value(row)
        return y === undefined ? [] : [{ x: row.epoch, y }]
      })
      return points.length > 0 ? [{ role, label: names(study)[role], points }] : []
    })
    const highest = Math.max(...curves.flatMap(curve => curve.points.map(point => point.y)))
    return curveChart({
      alt,
      curves,
      x: { label: 'epoch', ticks: epochs(study) },
      y: { label, format, domain: [0, top ?? highest * 1.05] },
      width: 366,
      height: 270,
      labelWidth: 34,
    })
  }
  const attacked = attackedRoles(study)
  const largest = Math.max(...roles.flatMap(role => study.models[role].log.map(row => row.epsilon)))
  const validated = roles.some(role =>
    study.models[role].log.some(row => row.validationAccuracy !== undefined),
  )
  return html`
<section>
<div class="text"><h2>How they were trained</h2>
<p>Cross-entropy on the images of each epoch${
    attacked.length > 0
      ? html`; those of ${attacked.map(role => names(study)[role]).join(', ')} are attacked, with a radius of up to ${largest}`
      : undefined
  }. ${validated ? 'Accuracy is that on clean validation images.' : 'Accuracy is that on the images trained on.'}</p></div>
<figure><div class="pair">
<div>${raw(
    chart(
      'Training loss by epoch.',
      'loss',
      y => y.toFixed(1),
      undefined,
      row => row.loss,
    ),
  )}</div>
<div>${raw(
    chart(
      validated ? 'Validation accuracy by epoch.' : 'Training accuracy by epoch.',
      'accuracy',
      percent,
      1,
      row => (validated ? row.validationAccuracy : row.accuracy),
    ),
  )}</div>
</div></figure>
</section>`
}

function attackedRoles(study: Study): Role[] {
  return roles.filter(role => study.models[role].log.some(row => row.epsilon > 0))
}

/** At most nine ticks at whole epochs. */
function epochs(study: Study): number[] {
  const last = Math.max(...roles.flatMap(role => study.models[role].log.map(row => row.epoch)))
  const step = Math.ceil(last / 8)
  return Array.from({ length: Math.floor(last / step) }, (_, i) => (i + 1) * step)
}
