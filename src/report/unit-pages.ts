// A page per layer and a page per unit: the unit of the same place in both networks, side by side. Files of a
// folder beside the report, linked with one another; each stands without scripts.

import type { PairOf } from '../study/pair.ts'
import type { Picture } from '../study/picture.ts'
import type { Study } from '../study/study.ts'
import type { StudiedUnits } from '../study/units.ts'
import { htmlDocument } from './document.ts'
import { type Html, html } from './html.ts'
import type { UnitView } from './section.ts'
import { unitViews } from './sections.ts'
import { count, fullName } from './text.ts'
import { type Role, roles } from './theme.ts'
import type { UnitPageNames } from './unit-page-names.ts'

type Layer = StudiedUnits['layers'][number]
type Facts = Readonly<Record<string, unknown>>

export interface UnitPages {
  readonly study: Study
  readonly units: StudiedUnits
  /** Of the layers of `units`. */
  readonly names: UnitPageNames
  /** The report's file name, seen from the pages. */
  readonly report: string
  /** What goes into `src` for a picture. */
  image(picture: Picture): string
}

/** All pages by file name. */
export function renderUnitPages(pages: UnitPages): Map<string, string> {
  const { units, names } = pages
  const rendered = new Map<string, string>()
  const add = (file: string | undefined, text: string) => file !== undefined && rendered.set(file, text)
  for (const layer of units.layers) {
    add(names.of(layer.layer), layerPage(layer, pages))
    for (const channel of layer.units.keys()) {
      add(names.of(layer.layer, channel), unitPage(layer, channel, pages))
    }
  }
  return rendered
}

function layerPage({ layer, units }: Layer, pages: UnitPages): string {
  const { study, names } = pages
  const body = html`<header>${pathTo(pages, layer)}
<h1>${layer}: ${count(units.length)} units</h1>
<p class="lede">Each unit of ${fullName(study, 'standard')} beside the unit of the same place in ${fullName(study, 'robust')}.</p></header>
<main>${sheets(layer, units, pages)}
<h2>The images that excite each unit most</h2>
<p class="note">The most exciting first; dark where the unit's map is below its threshold.</p>
<table class="units"><thead><tr><th scope="col">unit</th>${roles.map(
    role => html`<th scope="col">${fullName(study, role)}</th>`,
  )}</tr></thead><tbody>${units.map(
    (facts: PairOf<Facts>, channel) =>
      html`<tr><th scope="row"><a href="${names.of(layer, channel)}">${channel}</a></th>${roles.map(
        role => html`<td>${strip(facts[role], pages)}<small>${briefOf(facts[role])}</small></td>`,
      )}</tr>`,
  )}</tbody></table></main>`
  return page(`${layer} of ${study.name}`, body, pages)
}

/** The portraits of all units of a layer; nothing where there are none. */
function sheets(layer: string, units: Layer['units'], { study, names, image }: UnitPages): Html | undefined {
  const sheet = (role: Role) =>
    units.flatMap((facts: PairOf<Facts>, channel) =>
      portraitsOf(facts[role]).map(({ picture, alt }) => {
        const what = `${layer}:${channel} of ${study.models[role].name}: ${alt}`
        return html`<a href="${names.of(layer, channel)}" title="${what}">${
          picture === undefined
            ? html`<span class="none"></span>`
            : html`<img src="${image(picture)}" width="64" height="64" alt="${what}">`
        }</a>`
      }),
    )
  const both = roles.map(role => ({ role, tiles: sheet(role) }))
  if (both.every(({ tiles }) => tiles.length === 0)) return undefined
  return html`<h2>What would each unit like to see?</h2>
<p class="note">The picture that excites the unit most, made for it. Each leads to its unit; units of the same place stand at the
same place.</p>
<div class="pair">${both.map(
    ({ role, tiles }) => html`<div><h3>${fullName(study, role)}</h3><div class="tiles">${tiles}</div></div>`,
  )}</div>`
}

function unitPage({ layer, units }: Layer, channel: number, pages: UnitPages): string {
  const { study } = pages
  const facts: PairOf<Facts> = units[channel] ?? { standard: {}, robust: {} }
  const rows = unitViews.flatMap(([key, view]) => {
    const own = { standard: facts.standard[key], robust: facts.robust[key] }
    return own.standard === undefined && own.robust === undefined ? [] : view.rows(own, study)
  })
  const hasPortraits = roles.some(role => portraitsOf(facts[role]).length > 0)
  const body = html`<header>${pathTo(pages, layer, channel, units.length)}
<h1>${layer}, unit ${channel}</h1></header>
<main><div class="pair">${roles.map(
    role =>
      html`<div><div class="who">${portrait(facts[role], pages)}<div><h2>${fullName(study, role)}</h2>
<p>${briefOf(facts[role])}</p></div></div>${strip(facts[role], pages)}</div>`,
  )}</div>
<p class="note">${hasPortraits ? 'Above: the picture that excites the unit most, made for it. Below: the' : 'The'} images of the data
set that excite it most, most exciting first; dark where its map is below its threshold.</p>
<table class="numbers facts"><thead><tr><th></th>${roles.map(
    role => html`<th scope="col">${fullName(study, role)}</th>`,
  )}</tr></thead><tbody>${rows.map(
    row =>
      html`<tr><th scope="row">${row.label}</th>${roles.map(role => html`<td class="num">${row[role]}</td>`)}</tr>`,
  )}</tbody></table></main>`
  return page(`${layer}:${channel} of ${study.name}`, body, pages)
}

/** The way to this page, and from it to its neighbours. */
function pathTo(
  { study, report, units, names }: UnitPages,
  layer: string,
  channel?: number,
  count = 0,
): Html {
  const step = (to: number, text: string) =>
    to >= 0 && to < count
      ? html`<a href="${names.of(layer, to)}">${text}</a>`
      : html`<span class="note">${text}</span>`
  return html`<nav class="kicker"><a href="${report}">${study.name}</a>${units.layers.map(
    ({ layer: other }) =>
      html` · ${other === layer && channel === undefined ? html`<b>${layer}</b>` : html`<a href="${names.of(other)}">${other === layer ? html`<b>${layer}</b>` : other}</a>`}`,
  )}${channel === undefined ? undefined : html`<br>${step(channel - 1, '← previous unit')} · ${step(channel + 1, 'next unit →')}`}</nav>`
}

function page(title: string, body: Html, { study }: UnitPages): string {
  return htmlDocument({ title, body, footer: html`Made by silhouette ${study.versions.silhouette ?? ''}.` })
}

/** What each view that speaks of these facts gives. */
function each<T>(facts: Facts, of: (view: UnitView, fact: unknown) => T | undefined): T[] {
  return unitViews.flatMap(([key, view]) => {
    const fact = facts[key]
    return fact === undefined ? [] : (of(view, fact) ?? [])
  })
}

const portraitsOf = (facts: Facts) => each(facts, (view, fact) => view.portrait?.(fact))

function portrait(facts: Facts, { image }: UnitPages): Html[] {
  return portraitsOf(facts).map(({ picture, alt }) =>
    picture === undefined
      ? html`<p class="portrait none note">${alt}</p>`
      : html`<img class="portrait" src="${image(picture)}" alt="${alt}">`,
  )
}

function strip(facts: Facts, { image }: UnitPages): Html {
  const shown = each(facts, (view, fact) => view.picture?.(fact))
  if (shown.length === 0) return html`<p class="note">No images: the unit is silent on all of them.</p>`
  return html`${shown.map(({ picture, alt }) => html`<img class="strip" src="${image(picture)}" alt="${alt}">`)}`
}

function briefOf(facts: Facts): string {
  return each(facts, (view, fact) => view.brief?.(fact)).join(' · ')
}
