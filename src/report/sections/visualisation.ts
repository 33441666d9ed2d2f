// What excites each unit most: pictures that were made for it.

import type { Summary, UnitFacts } from '../../study/chapters.ts'
import { type Html, html } from '../html.ts'
import type { Page, Section } from '../section.ts'
import { names, networkName } from '../text.ts'
import { type Role, roles } from '../theme.ts'

type Visualisation = NonNullable<Summary['visualisation']>

type Unit = NonNullable<UnitFacts['visualisation']>

const title = 'What would each unit like to see?'

export const visualisation: Section<Visualisation, Unit> = {
  title,
  render,
  unit: {
    portrait: ({ picture }) => ({
      alt: picture === undefined ? 'no picture wakes it' : 'the picture that excites it most',
      ...(picture && { picture }),
    }),
    rows: () => [],
  },
}

function render({ steps, layers }: Visualisation, page: Page): Html {
  const { study } = page
  const asleep = layers.filter(layer => roles.some(role => layer.asleep[role] > 0))
  return html`
<section id="visualisation">
<div class="text"><h2>${title}</h2>
<p>A grey picture is changed, ${steps} steps long, until the unit responds as strongly as it can (feature visualisation).
What ${networkName(study, 'standard')} and ${networkName(study, 'robust')} look for can be compared at a glance; units of the same
place need not have the same task.</p>
<p class="note">${
    asleep.length === 0
      ? 'All units woke.'
      : `No picture woke some units: ${asleep.map(({ layer, asleep: of }) => `${layer} ${roles.map(role => `${of[role]} of ${names(study)[role]}`).join(', ')}`).join('; ')}.`
  }</p></div>
<figure><table class="gallery"><thead><tr><th></th>${roles.map(
    role => html`<th scope="col">${networkName(study, role)}</th>`,
  )}</tr></thead><tbody>${layers.map(
    layer =>
      html`<tr><th scope="row">${page.link(layer.layer)}</th>${roles.map(
        role => html`<td>${portraits(layer, role, page)}</td>`,
      )}</tr>`,
  )}</tbody></table>
<figcaption>The first units of each layer, not the finest; the pages of the layers show all.</figcaption></figure>
</section>`
}

function portraits(
  { layer, shown }: Visualisation['layers'][number],
  role: Role,
  { study, image, leadTo }: Page,
): Html {
  return html`<div class="tiles">${shown[role].map(({ picture }, channel) => {
    const what = `what excites ${layer}:${channel} of ${study.models[role].name}`
    return leadTo(
      picture === undefined
        ? html`<span class="none" title="${layer}:${channel}: no picture wakes it"></span>`
        : html`<img src="${image(picture)}" width="64" height="64" alt="${what}">`,
      layer,
      channel,
    )
  })}</div>`
}
