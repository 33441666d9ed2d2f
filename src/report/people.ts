// Networks beside people: the benchmark table, shape bias by category, and who errs like whom.

import type { Consistency } from '../probe/consistency/consistency.ts'
import { noShapeBias } from '../probe/shape-bias.ts'
import type { Estimate } from '../probe/statistics.ts'
import { list } from '../study/claim.ts'
import { matrixChart } from './charts/matrix.ts'
import { observersChart } from './charts/observers.ts'
import { htmlDocument } from './document.ts'
import { type Html, html, raw } from './html.ts'
import { count, percent } from './text.ts'
import { palette, theme } from './theme.ts'

type Benchmark = Consistency['benchmark']

/** The page as HTML text. @param version of silhouette */
export function renderPeople(result: Consistency, version: string): string {
  const { benchmark, shapeBias, matrices } = result
  const [best] = benchmark.rows
  const title = best === undefined ? 'Networks and people' : headline(benchmark)
  return htmlDocument({
    title,
    body: html`<header><p class="kicker">silhouette consistency</p><h1>${title}</h1>
<p class="lede">${count(benchmark.datasets.reduce((sum, set) => sum + set.images, 0))} pictures of
${benchmark.datasets.length} data ${benchmark.datasets.length === 1 ? 'set' : 'sets'}, shown to people and networks alike.</p></header>
<main>
${table(benchmark)}
${shapeBias && biasSection(shapeBias)}
<section><div class="text"><h2>Who errs like whom</h2>
<p>Error consistency of every two: how much more often they are right and wrong on the same pictures than two that err
independently with the same accuracies. 1: always together; 0: as by chance.</p></div>
${matrices.map(matrixFigure)}
</section>
</main>`,
    footer: html`Made by silhouette ${version}. Measures and averaging: R. Geirhos et al., Partial success in closing the gap
between human and machine vision, NeurIPS 2021; error consistency: Geirhos, Meding and Wichmann, NeurIPS 2020.`,
  })
}

/** Networks are told apart only where the interval of the next lies below that of the best. */
function headline({ rows }: Benchmark): string {
  const people = rows.find(row => row.meanRank === null)
  const networks = rows
    .filter(row => row.meanRank !== null)
    .sort((a, b) => b.errorConsistency.value - a.errorConsistency.value)
  const number = (row: Benchmark['rows'][number]) => row.errorConsistency.value.toFixed(2)
  const toEachOther = people === undefined ? '' : `, people with ${number(people)} to each other`
  const [best, ...others] = networks
  if (best === undefined)
    return `People err alike: error consistency ${people === undefined ? '' : number(people)}`
  const alike = networks.filter(row => row.errorConsistency.high >= best.errorConsistency.low)
  if (alike.length > 1) {
    const names = list(alike.map(({ observer }) => observer))
    return `${names} err about as much like people, with ${list(alike.map(number))} of error consistency to them${toEachOther}`
  }
  const most = others.length > 0 ? 'is most like people: it errs' : 'errs'
  return `${best.observer} ${most} with an error consistency of ${number(best)} to them${toEachOther}`
}

function table({ rows, datasets, leftOut }: Benchmark): Html {
  return html`<section><div class="text"><h2>Benchmark</h2>
<p>Each network against each person, per condition; then the mean over conditions, people and data sets.</p>
<p class="note">Below each number: its 95 % interval over pictures (${datasets.map(set => `${set.name} ${count(set.images)}`).join(', ')}).
${leftOut.length > 0 ? `Left out, as not everybody answered: ${leftOut.join(', ')}.` : ''}</p></div>
<div class="wide"><table><thead><tr><th scope="col">observer</th><th scope="col">accuracy difference ↓</th>
<th scope="col">observed consistency ↑</th><th scope="col">error consistency ↑</th><th scope="col">mean rank</th>
<th scope="col">accuracy ↑</th></tr></thead>
<tbody>${rows.map(
    row =>
      html`<tr><td><b>${row.observer}</b></td>${[
        row.accuracyDifference,
        row.observedConsistency,
        row.errorConsistency,
      ].map(
        cell,
      )}<td class="num">${row.meanRank === null ? '–' : row.meanRank.toFixed(2)}</td>${cell(row.accuracy)}</tr>`,
  )}</tbody></table></div></section>`
}

function cell({ value, low, high }: Estimate): Html {
  return html`<td class="num">${value.toFixed(3)}<br><small>${low.toFixed(3)} to ${high.toFixed(3)}</small></td>`
}

function biasSection(biases: NonNullable<Consistency['shapeBias']>): Html {
  const categories = biases.at(-1)!.categories.map(({ name }) => name)
  const observers = biases.map((bias, i) => ({
    name: bias.observer,
    color: bias.observer === 'people' ? theme.ink : palette[i % palette.length]!,
    person: bias.observer === 'people',
    overall: bias.shapeBias?.value ?? null,
    values: categories.map(name => bias.categories.find(found => found.name === name)?.shapeBias ?? null),
  }))
  const chart = observersChart({
    alt: `Shape bias by category; over all: ${observers.map(({ name, overall }) => `${name} ${overall === null ? 'not measurable' : percent(overall)}`).join(', ')}.`,
    categories,
    observers,
  })
  return html`<section><div class="text"><h2>Shape or texture?</h2>
<p>Pictures with the shape of one class and the texture of another: the share of decisions for the shape among those for
either.</p>
<table class="decisions"><tbody>${biases.map(
    ({ observer, shapeBias, trials }, i) => html`<tr>
<td><b style="color:${observers[i]!.color}">${observers[i]!.person ? '◆' : '●'} ${observer}</b></td>
<td class="num">${shapeBias === null ? undefined : html`${percent(shapeBias.value)}<br>`}<small>${
      shapeBias === null
        ? noShapeBias(trials)
        : `${(100 * shapeBias.low).toFixed(1)} to ${(100 * shapeBias.high).toFixed(1)}, ${count(trials)} trials`
    }</small></td></tr>`,
  )}</tbody></table></div>
<figure>${raw(chart)}<figcaption>A row per class of the shape. Lines: all classes together.</figcaption></figure></section>`
}

function matrixFigure({ dataset, images, observers, pairs }: Consistency['matrices'][number]): Html {
  const found = new Map(pairs.map(pair => [`${pair.first} ${pair.second}`, pair.errorConsistency.value]))
  const value = (row: number, column: number) =>
    found.get(`${observers[Math.min(row, column)]} ${observers[Math.max(row, column)]}`)!
  const chart = matrixChart({
    alt: `Error consistency on ${dataset} of ${observers.join(', ')}.`,
    names: observers,
    value,
  })
  return html`<figure><h3>${dataset}, ${count(images)} pictures</h3>${raw(chart)}</figure>`
}
