// Under attack: accuracy against the attacker's budget, and what the attacks look like.

import type { Summary } from '../../study/chapters.ts'
import type { Picture } from '../../study/picture.ts'
import { curveChart } from '../charts/curve.ts'
import { type Html, html, raw } from '../html.ts'
import type { Page, Section } from '../section.ts'
import { both, count, names, networkName, percent } from '../text.ts'
import { type Role, roles } from '../theme.ts'

type Robustness = NonNullable<Summary['robustness']>

const title = 'Under attack'

export const robustness: Section<Robustness> = { title, render }

function render(attacks: Robustness, page: Page): Html {
  const { study } = page
  const { norm, steps, epsilon, images, points, examples } = attacks
  const claimed = points.find(point => point.epsilon === epsilon)
  const chart = curveChart({
    alt: `Accuracy under PGD-${steps} by radius${claimed ? `; at ${norm} ${number(epsilon)}: ${both(study, role => percent(claimed[role].value))}` : ''}.`,
    curves: roles.map(role => ({
      role,
      label: names(study)[role],
      points: points.map(point => ({ x: point.epsilon, y: point[role].value, ...bounds(point[role]) })),
    })),
    x: {
      label: `radius of the attack (${norm}, pixel values from 0 to 1)`,
      ticks: points.map(point => point.epsilon),
    },
    y: { label: 'accuracy', domain: [0, 1], format: percent },
    mark: { at: epsilon, label: 'trained with' },
    width: 760,
    height: 330,
    labelWidth: 48,
  })
  return html`
<section id="robustness">
<div class="text"><h2>${title}</h2>
<p>Projected gradient descent moves every pixel to make the network err, no further than the radius. ${steps} steps of
2.5 radius/steps from a random start, on ${count(images)} images, against each network by itself.</p></div>
<figure>${raw(chart)}<figcaption>At radius 0: the same images unattacked. Bars: 95 % intervals.</figcaption></figure>
${examples && exampleFigure(attacks, examples, page)}
</section>`
}

type Examples = NonNullable<Robustness['examples']>

function exampleFigure(attacks: Robustness, examples: Examples, page: Page): Html {
  const { study } = page
  const image = (picture: Picture, alt: string) =>
    html`<img src="${page.image(picture)}" width="92" height="92" alt="${alt}">`
  const cells = (example: Examples['rows'][number]['standard'], role: Role) => html`
<td>${image(example.perturbation, `perturbation of the ${example.label} for ${study.models[role].name}, amplified`)}<span class="num">${normText(attacks.norm, example.distance)}</span></td>
<td>${image(example.image, `the attacked ${example.label} that ${study.models[role].name} takes for: ${example.after}`)}${example.before} → <b class="${role}">${example.after}</b></td>`
  return html`<figure><h3>What the attacks look like (${normText(attacks.norm, attacks.epsilon)})</h3>
<table class="examples"><thead><tr><th scope="col">original</th>${roles.map(
    role =>
      html`<th scope="col">perturbation for ${networkName(study, role)}</th><th scope="col">${networkName(study, role)} sees</th>`,
  )}</tr></thead>
<tbody>${examples.rows.map(
    row => html`<tr><td>${image(row.original, row.standard.label)}${row.standard.label}</td>
${cells(row.standard, 'standard')}${cells(row.robust, 'robust')}</tr>`,
  )}</tbody></table>
<figcaption>Perturbations are shown around grey, their contrast multiplied by ${examples.amplification}; the attacked images
are as the network gets them. The classes before and after the attack are the network's decisions.</figcaption></figure>`
}

function normText(name: string, value: number): string {
  return `${name === 'Linf' ? 'L∞' : name} ${number(value)}`
}

function number(value: number): string {
  return String(Number(value.toPrecision(3)))
}

function bounds({ low, high }: { low: number; high: number }): { low: number; high: number } {
  return { low, high }
}
