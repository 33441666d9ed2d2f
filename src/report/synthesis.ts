// The page of one synthesis recipe: what came out, how it came there, what it is worth.

import type { Exhibit, ExhibitColumn, ExhibitRow } from '../synth/exhibit.ts'
import { recipeOf } from '../synth/recipes/table.ts'
import { htmlDocument } from './document.ts'
import { type Html, html } from './html.ts'
import { percent } from './text.ts'

/** The pictures of a column, each as what goes into `src`. */
export interface ColumnImages {
  readonly sheet: string
  /** Of networks only. */
  readonly film?: string
  readonly animation?: string
}

/**
 * The page as HTML text.
 * @param images by key of the column
 * @param version of silhouette
 */
export function renderSynthesis(
  result: Exhibit,
  images: Readonly<Record<string, ColumnImages>>,
  version: string,
): string {
  const { title, summary } = recipeOf(result.recipe)
  const networks = result.columns.filter(column => column.settings !== undefined)
  return htmlDocument({
    title: headline(result) ?? title,
    body: html`<header><p class="kicker">silhouette synthesize ${result.recipe}: ${title}</p>
<h1>${headline(result) ?? summary}</h1>
<p class="lede">${headline(result) === undefined ? '' : summary} ${result.pictures} pictures, seed ${result.seed}; data: ${result.data}.</p></header>
<main>
${result.columns.map(column => sheetSection(column, images[column.key], result))}
${networks.some(column => images[column.key]?.film !== undefined) ? filmSection(networks, images) : undefined}
${tableSection(result)}
${settingsSection(result)}
</main>`,
    footer: html`Made by silhouette ${version}. Recipes: S. Santurkar et al., Image synthesis with a single (robust)
classifier, NeurIPS 2019; feature visualisation: C. Olah, A. Mordvintsev and L. Schubert, Distill 2017.`,
  })
}

/** What the first row says of the networks. */
function headline({ rows, columns }: Exhibit): string | undefined {
  const [first] = rows
  if (first === undefined || !first.isShare) return undefined
  const parts = columns
    .filter(column => column.settings !== undefined)
    .map(
      column =>
        `${column.name}'s pictures are ${first.measure} in ${percent(first.values[column.key]!.value)}`,
    )
  return parts.join(', ')
}

function columnName({ kind, name }: ExhibitColumn): Html {
  return kind === 'robust' || kind === 'standard' ? html`<b class="${kind}">${name}</b>` : html`${name}`
}

function sheetSection(column: ExhibitColumn, images: ColumnImages | undefined, { captions }: Exhibit): Html {
  if (images === undefined) return html``
  const isNetwork = column.settings !== undefined
  return html`<section><div class="text"><h2>${isNetwork ? html`By ${columnName(column)}` : columnName(column)}</h2>
${isNetwork ? html`<p class="note">Row by row: ${captions.join(', ')}.</p>` : undefined}</div>
<figure><img src="${images.sheet}" alt="Pictures: ${column.name}" style="max-width: 100%"></figure></section>`
}

function filmSection(
  columns: readonly ExhibitColumn[],
  images: Readonly<Record<string, ColumnImages>>,
): Html {
  return html`<section><div class="text"><h2>On the way</h2>
<p>The first pictures from the start to the last step; steps stand closer at the beginning.</p></div>
${columns.map(column => {
  const { film, animation } = images[column.key] ?? {}
  return html`<figure><h3>${columnName(column)}</h3>
<img src="${film}" alt="Filmstrip by ${column.name}" style="width: 100%; image-rendering: auto">
<img src="${animation}" alt="Animation by ${column.name}" style="max-width: 100%; margin-top: 12px"></figure>`
})}</section>`
}

function tableSection({ rows, columns }: Exhibit): Html {
  const arrow = { higher: '↑', lower: '↓', real: '≈ real' }
  return html`<section><div class="text"><h2>What they are worth</h2>
<p>Below each number: its 95 % interval over pictures (shares: Wilson; means: bootstrap). ↑ higher is better, ↓ lower
is, ≈ real: best where real images are.</p></div>
<div class="wide"><table><thead><tr><th scope="col">measure</th>${columns.map(
    column => html`<th scope="col">${columnName(column)}</th>`,
  )}</tr></thead>
<tbody>${rows.map(
    row =>
      html`<tr><td>${row.measure} ${arrow[row.better]}<br><small>${row.pictures} pictures</small></td>${columns.map(
        column => cell(row, column),
      )}</tr>`,
  )}</tbody></table></div></section>`
}

function cell(row: ExhibitRow, { key }: ExhibitColumn): Html {
  const estimate = row.values[key]
  if (estimate === undefined) return html`<td class="num">–</td>`
  const write = row.isShare ? percent : (value: number) => value.toFixed(Math.abs(value) < 10 ? 3 : 1)
  return html`<td class="num">${write(estimate.value)}<br><small>${write(estimate.low)} to ${write(estimate.high)}</small></td>`
}

function settingsSection({ columns }: Exhibit): Html {
  return html`<section class="settings"><div class="text"><h2>Settings</h2>
<p class="note">They stand in every picture's file as well (PNG text, Description).</p></div>
${columns.map(column =>
  column.settings === undefined
    ? undefined
    : html`<div class="wide"><h3>${columnName(column)}</h3><dl><dt>goal, brought down</dt><dd>${column.goal}</dd>${Object.entries(
        column.settings,
      ).map(
        ([name, value]) =>
          html`<dt>${name}</dt><dd>${typeof value === 'number' ? Number(value.toPrecision(4)) : value}</dd>`,
      )}</dl></div>`,
)}</section>`
}
