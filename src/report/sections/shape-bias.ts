// Shape or texture: the chart by category and sample images with the decisions of both networks.

import { noShapeBias } from '../../probe/index.ts'
import type { Summary } from '../../study/chapters.ts'
import { shapeBiasChart } from '../charts/shape-bias.ts'
import { type Html, html, raw } from '../html.ts'
import type { Page, Section } from '../section.ts'
import { both, count, names, networkName, percent } from '../text.ts'
import { type Role, roles } from '../theme.ts'

type ShapeBias = NonNullable<Summary['shapeBias']>

const title = 'Shape or texture?'

export const shapeBias: Section<ShapeBias> = { title, render }

function render(bias: ShapeBias, page: Page): Html {
  const { study } = page
  const chart = shapeBiasChart({
    alt: `Shape bias by category; over all categories ${both(study, role => shareOf(bias, role))}.`,
    names: names(study),
    overall: bias,
    categories: bias.categories.map(({ name, standard, robust }) => ({
      name,
      values: {
        ...(standard !== null && { standard }),
        ...(robust !== null && { robust }),
      },
    })),
    width: 760,
  })
  return html`
<section id="shapeBias">
<div class="text"><h2>${title}</h2>
<p>${count(bias.images)} images show the shape of one class with the texture of another. Shape bias is the share of
decisions for the shape among those for either.</p>
<table class="decisions"><thead><tr><th></th><th scope="col">shape</th><th scope="col">texture</th><th scope="col">neither</th></tr></thead>
<tbody>${roles.map(
    role =>
      html`<tr><td>${networkName(study, role)}</td>${(['shape', 'texture', 'other'] as const).map(
        cue => html`<td class="num">${count(bias.decisions[role][cue])}</td>`,
      )}</tr>`,
  )}</tbody></table>${roles
    .filter(role => bias[role] === null)
    .map(
      role =>
        html`<p class="note">Shape bias of ${networkName(study, role)}: ${noShapeBias(bias.images)}.</p>`,
    )}</div>
<figure>${raw(chart)}
<figcaption>A row per class of the shape. Lines: all images, with 95 % bootstrap intervals. ${study.note}</figcaption></figure>
${bias.samples && sampleFigure(bias.samples, page)}
</section>`
}

const shareOf = (bias: ShapeBias, role: Role) =>
  bias[role] === null ? noShapeBias(bias.images) : percent(bias[role].value)

type Samples = NonNullable<ShapeBias['samples']>

function sampleFigure(samples: Samples, { study, image }: Page): Html {
  return html`<figure><h3>${samples.decisions.length} of them, picked by chance, and what the networks see</h3>
<ul class="samples">${samples.decisions.map((decision, i) => {
    const picture = samples.pictures[i]
    if (picture === undefined) return undefined
    return html`<li><img src="${image(picture)}" width="128" height="128" alt="${decision.shape} with the texture of ${decision.texture}">
<span class="cues">${decision.shape} shape, ${decision.texture} texture</span>
${roles.map(role => html`<span>${networkName(study, role)}: ${decision[role]} ${cueOf(decision, decision[role])}</span>`)}</li>`
  })}</ul></figure>`
}

function cueOf(decision: { shape: string; texture: string }, chosen: string): Html {
  const cue = chosen === decision.shape ? '(shape)' : chosen === decision.texture ? '(texture)' : '(neither)'
  return html`<small>${cue}</small>`
}
