// A page per layer and a page per unit: the unit of the same place in both networks, side by side. Files of a
// folder beside the report, linked with one another; each stands without scripts.

import type { PairOf } from '../study/pair.ts'
import type { Picture } from '../study/picture.ts'
import type { Study } from '../study/study.ts'
import type { StudiedUnits } from '../study/units.ts'
import { htmlDocument } from './document.ts'
import { type Html, html } from './html.ts'
import { unitViews } from './sections.ts'
import { count, networkName } from './text.ts'
import { roles } from './theme.ts'

type Layer = StudiedUnits['layers'][number]
type Facts = PairOf<Readonly<Record<string, unknown>>>

export interface UnitPages {
  readonly study: Study
  readonly units: StudiedUnits
  /** The report's file name, seen from the pages. */
  readonly report: string
  /** What goes into `src` for a picture. */
  image(picture: Picture): string
}

/** File name of the page of a layer, or of one of its units. */
export function unitPageName(layer: string, channel?: number): string {
  const name = layer.replaceAll(/[^A-Za-z0-9._-]/g, '_')
  return channel === undefined ? `${name}.html` : `${name}-${channel}.html`
}

/** All pages by file name. */
export function renderUnitPages(pages: UnitPages): Map<string, string> {
  const rendered = new Map<string, string>()
  for (const layer of pages.units.layers) {
    rendered.set(unitPageName(layer.layer), layerPage(layer, pages))
    for (const channel of layer.units.keys()) {
      rendered.set(unitPageName(layer.layer, channel), unitPage(layer, channel, pages))
    }
  }
  return rendered
}

function layerPage({ layer, units }: Layer, pages: UnitPages): string {
  const { study } = pages
  const body = html`<header><p class="kicker"><a href="${pages.report}">${study.name}</a>${pages.units.layers.map(
    other =>
      html` · ${other.layer === layer ? html`<b>${layer}</b>` : html`<a href="${unitPageName(other.layer)}">${other.layer}</a>`}`,
  )}</p>
<h1>${layer}: ${count(units.length)} units</h1>
<p class="lede">Each unit of ${networkName(study, 'standard')} beside the unit of the same place in ${networkName(study, 'robust')}: the images
that excite it most, dark where its map is below its threshold.</p></header>
<main><table class="units"><thead><tr><th scope="col">unit</th>${roles.map(
    role => html`<th scope="col">${networkName(study, role)}</th>`,
  )}</tr></thead><tbody>${units.map(
    (facts: Facts, channel) =>
      html`<tr><th scope="row"><a href="${unitPageName(layer, channel)}">${channel}</a></th>${roles.map(
        role => html`<td>${pictureOf(facts[role], pages)}<small>${briefOf(facts[role])}</small></td>`,
      )}</tr>`,
  )}</tbody></table></main>`
  return page(`${layer} of ${study.name}`, body, pages)
}

function unitPage({ layer, units }: Layer, channel: number, pages: UnitPages): string {
  const { study } = pages
  const facts: Facts = units[channel] ?? { standard: {}, robust: {} }
  const to = (other: number, text: string) =>
    other >= 0 && other < units.length
      ? html` · <a href="${unitPageName(layer, other)}">${text}</a>`
      : undefined
  const rows = unitViews.flatMap(([key, view]) => {
    const own = { standard: facts.standard[key], robust: facts.robust[key] }
    return own.standard === undefined && own.robust === undefined ? [] : view.rows(own, study)
  })
  const body = html`<header><p class="kicker"><a href="${pages.report}">${study.name}</a> · <a href="${unitPageName(layer)}">${layer}</a>${to(channel - 1, 'previous unit')}${to(channel + 1, 'next unit')}</p>
<h1>${layer}, unit ${channel}</h1></header>
<main><div class="pair">${roles.map(
    role => html`<div><h2>${networkName(study, role)}</h2>${pictureOf(facts[role], pages)}</div>`,
  )}</div>
<p class="note">The images that excite the unit most, most exciting first; dark where its map is below its threshold.</p>
<table class="numbers facts"><thead><tr><th></th>${roles.map(
    role => html`<th scope="col">${networkName(study, role)}</th>`,
  )}</tr></thead><tbody>${rows.map(
    row =>
      html`<tr><th scope="row">${row.label}</th>${roles.map(role => html`<td class="num">${row[role]}</td>`)}</tr>`,
  )}</tbody></table></main>`
  return page(`${layer}:${channel} of ${study.name}`, body, pages)
}

function page(title: string, body: Html, { study }: UnitPages): string {
  return htmlDocument({ title, body, footer: html`Made by silhouette ${study.versions.silhouette ?? ''}.` })
}

function pictureOf(facts: Readonly<Record<string, unknown>>, { image }: UnitPages): Html {
  const shown = unitViews.flatMap(([key, view]) => {
    const fact = facts[key]
    return fact === undefined ? [] : (view.picture?.(fact) ?? [])
  })
  if (shown.length === 0) return html`<p class="note">No picture: the unit is silent on these images.</p>`
  return html`${shown.map(({ picture, alt }) => html`<img class="strip" loading="lazy" src="${image(picture)}" alt="${alt}">`)}`
}

function briefOf(facts: Readonly<Record<string, unknown>>): string {
  return unitViews
    .flatMap(([key, view]) => {
      const fact = facts[key]
      return fact === undefined ? [] : (view.brief?.(fact) ?? [])
    })
    .join(' · ')
}
