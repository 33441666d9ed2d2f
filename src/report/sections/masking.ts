// Whether the attacks' figures are to be trusted: each check for a hidden gradient, and how everything falls in the
// end.

import { maskingChecks } from '../../attack/masking.ts'
import { type GradientMasking, maskingReason } from '../../probe/gradient-masking.ts'
import type { Summary } from '../../study/chapters.ts'
import { curveChart } from '../charts/curve.ts'
import { type Html, html, raw } from '../html.ts'
import type { Page, Section } from '../section.ts'
import { both, names, networkName, percent } from '../text.ts'
import { roles } from '../theme.ts'

type Masking = NonNullable<Summary['masking']>

const title = 'Are these attacks to be trusted?'

export const masking: Section<Masking> = { title, render }

/** What holds of a network whose gradients can be used. */
const claims: Readonly<Record<GradientMasking['checks'][number]['name'], string>> = {
  'gradient-there': 'the gradient is not zero',
  'same-answer': 'the network answers alike when asked again',
  'gradient-direction': 'the gradient points to a better place than random directions',
  'white-box-wins': 'gradients break what a random search breaks',
  'steps-help': 'many steps break what one step breaks',
  'everything-falls': 'every image falls when the radius is large enough',
  'own-gradient-wins': 'images made for the other network fool it no more often than its own gradient',
}

function render(networks: Masking, { study }: Page): Html {
  const { norm, epsilon } = networks.robust
  const chart = () =>
    curveChart({
      alt: `Share of images that fall to PGD by radius; at ${epsilon}: ${both(study, role => percent(networks[role].curve[0]?.fallen ?? 0))}; at the largest: ${both(study, role => percent(networks[role].curve.at(-1)?.fallen ?? 0))}.`,
      curves: roles.map(role => ({
        role,
        label: names(study)[role],
        points: networks[role].curve.map(point => ({ x: point.epsilon, y: point.fallen })),
      })),
      x: {
        label: `radius (${norm}, pixel values from 0 to 1)`,
        ticks: networks.robust.curve.map(point => Number(point.epsilon.toPrecision(3))),
        log: true,
      },
      y: { label: 'images that fall', domain: [0, 1], format: percent },
      width: 760,
      height: 240,
      labelWidth: 48,
    })
  const asked = roles.flatMap(role => networks[role].checks.map(({ name }) => name))
  const checked = maskingChecks.filter(name => asked.includes(name))
  const curves = roles.every(role => networks[role].curve.length > 0)
  return html`
<section id="masking">
<div class="text"><h2>${title}</h2>
<p>A network can look robust because its gradient leads attacks nowhere. Each line below holds of a network whose gradient
can be used; the numbers are images that speak against it, of those that the network classifies rightly unattacked
(${both(study, role => `${networks[role].images}`)}). ${roles.map(role => html`${networkName(study, role)}: ${verdict(networks[role])}. `)}</p></div>
<figure><table class="checks"><thead><tr><th scope="col">Check</th>${roles.map(
    role => html`<th scope="col">${networkName(study, role)}</th>`,
  )}</tr></thead>
<tbody>${checked.map(
    name =>
      html`<tr><td>${claims[name]}</td>${roles.map(role => {
        const check = networks[role].checks.find(candidate => candidate.name === name)
        return html`<td class="num ${role}">${check ? `${check.against} of ${check.of}` : '–'}${check?.passed === false ? html` <b>failed</b>` : ''}</td>`
      })}</tr>`,
  )}</tbody></table></figure>
${
  curves
    ? html`<figure>${raw(chart())}<figcaption>PGD at the radius of the study and up to 32 times that. A curve that does
not reach 100 % would mean that the attack, not the network, has failed.</figcaption></figure>`
    : ''
}
</section>`
}

function verdict({ images, checks }: GradientMasking): string {
  if (images === 0) return 'classifies none of the images rightly: there is nothing to attack'
  const failed = checks.filter(({ passed }) => !passed)
  if (failed.length === 0) return 'no sign of a hidden gradient'
  return `hides its gradient, its robust accuracy is not to be trusted: ${failed.map(maskingReason).join('; ')}`
}
