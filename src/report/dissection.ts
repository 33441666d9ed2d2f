// What the hidden units of one network detect: layer by layer, concept by concept, and the best units with the images
// that excite them most.

import { type Dissection, wilson } from '../probe/index.ts'
import { type ConceptCount, conceptCounts } from './charts/concept-counts.ts'
import { htmlDocument } from './document.ts'
import { type Html, html, raw } from './html.ts'
import { categoryName, count, percent } from './text.ts'
import { palette } from './theme.ts'

export interface DissectionPage {
  /** What people call the network, and the data. */
  readonly model: string
  readonly data: string
  readonly dissection: Dissection
  /** Units to show, in this order, with what goes into `src` for the picture of their top images. */
  readonly shown: readonly { readonly layer: string; readonly channel: number; readonly source: string }[]
  /** Of silhouette. */
  readonly version: string
}

type Layer = Dissection['layers'][number]

/** Concepts in the figure at most. */
const mostConcepts = 40

/** The page as HTML text. */
export function renderDissection(page: DissectionPage): string {
  const { model, data, dissection, version } = page
  const { layers, images, minimumIou, quantile } = dissection
  const units = layers.reduce((sum, layer) => sum + layer.units.length, 0)
  const detectors = layers.reduce((sum, layer) => sum + layer.detectors, 0)
  const title = `${model}: ${count(detectors)} of ${count(units)} units detect a concept`
  return htmlDocument({
    title,
    body: html`<header><p class="kicker">silhouette dissect</p><h1>${title}</h1>
<p class="lede">${count(images)} images of ${data}. A unit is on where its map exceeds the level that it reaches at
${percent(1 - quantile)} of all places; it detects the concept whose masks it covers best, if intersection over union is above
${minimumIou}.</p></header>
<main>
${layerSection(layers)}
${conceptSection(dissection)}
${page.shown.length > 0 ? layers.map(layer => unitSection(layer, page)) : undefined}
</main>`,
    footer: html`Made by silhouette ${version}. Network Dissection: D. Bau et al., CVPR 2017.`,
  })
}

function layerSection(layers: readonly Layer[]): Html {
  const categories = layers[0]?.categories.map(({ category }) => category) ?? []
  const errors = layers.filter(({ thresholdError }) => thresholdError > 0)
  return html`<section><div class="text"><h2>By layer</h2>
<p>Units by the category of the concept that they detect; in brackets, how many different concepts.</p>
<p class="note">Shares of all units of a layer, with 95 % intervals.${
    errors.length > 0
      ? ` Thresholds are off by at most ${errors.map(({ layer, thresholdError }) => `${thresholdError.toPrecision(2)} in ${layer}`).join(', ')}.`
      : ''
  }</p></div>
<div class="wide"><table class="numbers"><thead><tr><th scope="col">layer</th><th scope="col">units</th><th scope="col">detectors</th>${categories.map(
    category => html`<th scope="col">${categoryName(category)}</th>`,
  )}</tr></thead>
<tbody>${layers.map(({ layer, units, detectors, concepts, categories: own }) => {
    const all = wilson(detectors, units.length)
    return html`<tr><th scope="row">${layer}</th><td class="num">${count(units.length)}</td>
<td class="num">${detectors} <small>(${concepts})</small><br><small>${percent(all.value)}, ${range(all)}</small></td>${own.map(
      category =>
        html`<td class="num">${category.detectors} <small>(${category.concepts})</small><br><small>${percent(category.share.value)}, ${range(category.share)}</small></td>`,
    )}</tr>`
  })}</tbody></table></div></section>`
}

/** `12 to 20` */
const range = ({ low, high }: { low: number; high: number }) =>
  `${(100 * low).toFixed(0)} to ${(100 * high).toFixed(0)}`

function conceptSection({ layers, minimumIou }: Dissection): Html | undefined {
  const counts = countsOf(layers, minimumIou)
  if (counts.length === 0) return undefined
  const categories = layers[0]?.categories.map(({ category }) => categoryName(category)) ?? []
  const drawn = counts.slice(0, mostConcepts)
  const chart = conceptCounts({
    alt: `Units by concept: ${drawn.map(({ concept, units }) => `${concept} ${units}`).join(', ')}.`,
    counts: drawn,
    colourOf: category => palette[categories.indexOf(category) % palette.length] ?? palette[0],
  })
  return html`<section><div class="text"><h2>By concept</h2>
<p>How many units of all layers detect each of ${count(counts.length)} concepts.</p>${
    counts.length > drawn.length
      ? html`<p class="note">The ${mostConcepts} most frequent; the tallies hold all.</p>`
      : undefined
  }</div>
<figure>${raw(chart)}</figure></section>`
}

function countsOf(layers: readonly Layer[], minimumIou: number): ConceptCount[] {
  const byConcept = new Map<string, ConceptCount>()
  for (const { units } of layers) {
    for (const { scores } of units) {
      const [best] = scores
      if (best === undefined || best.iou <= minimumIou) continue
      const category = categoryName(best.category)
      const key = JSON.stringify([best.concept, category])
      const { units: before } = byConcept.get(key) ?? { units: 0 }
      byConcept.set(key, { concept: best.concept, category, units: before + 1 })
    }
  }
  return [...byConcept.values()].sort((a, b) => b.units - a.units || (a.concept < b.concept ? -1 : 1))
}

function unitSection({ layer, units }: Layer, { shown, dissection }: DissectionPage): Html | undefined {
  const own = shown.filter(unit => unit.layer === layer)
  if (own.length === 0) return undefined
  return html`<section><div class="text"><h2>${layer}</h2>
<p>The ${own.length} units with the highest intersection over union: the images that excite each most, dark where its map is
below its threshold.</p></div>
<div class="wide units-shown">${own.map(({ channel, source }) => {
    const [best] = units[channel]?.scores ?? []
    const what =
      best === undefined
        ? 'no concept'
        : `${best.concept} (${categoryName(best.category)}), IoU ${best.iou.toFixed(3)}`
    const none = best === undefined || best.iou > dissection.minimumIou ? '' : ': no detector'
    return html`<div><img class="strip" src="${source}" alt="top images of ${layer}:${channel}"><small>unit ${channel}: ${what}${none}</small></div>`
  })}</div></section>`
}
