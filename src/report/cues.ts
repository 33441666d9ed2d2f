// The page of several networks' cues: shape bias against blur, size, attack and the radius of training.

import type { CueCurvesResult } from '../audit/cues.ts'
import { type Estimate, significanceLevel } from '../probe/index.ts'
import { type Series, seriesChart } from './charts/series.ts'
import { htmlDocument } from './document.ts'
import { type Html, html, raw } from './html.ts'
import { count, percent, pValue, signedPoints } from './text.ts'
import { palette } from './theme.ts'

/** The page as HTML text. @param version of silhouette */
export function renderCues(result: CueCurvesResult, version: string): string {
  const { models, curves, images } = result
  const title = `Shape bias of ${models.map(({ name, shapeBias }) => `${name} ${share(shapeBias)}`).join(', ')}`
  return htmlDocument({
    title,
    body: html`<header><p class="kicker">silhouette cues</p><h1>${title}</h1>
<p class="lede">${count(images)} images with the shape of one class and the texture of another: the share of decisions for
the shape among those for either, while something is done to the images.</p></header>
<main>
${differenceSection(result)}
${curves.map(curve => section(curve, result))}
${trainingSection(result)}
${backgroundSection(result)}
</main>`,
    footer: html`Made by silhouette ${version}. Shape bias: Geirhos et al., ICLR 2019.`,
  })
}

const share = (estimate: Estimate | null) => (estimate === null ? 'not measurable' : percent(estimate.value))

const look = (i: number) => ({
  color: palette[i % palette.length]!,
  symbol: i % 2 === 0 ? ('circle' as const) : ('square' as const),
})

function section(
  { label, axis, points }: CueCurvesResult['curves'][number],
  { models }: CueCurvesResult,
): Html {
  const series = models.map(
    ({ name }, i): Series => ({
      ...look(i),
      label: name,
      points: points.flatMap(({ x, values }) => {
        const estimate = values[i]
        return estimate ? [{ x, y: estimate.value, low: estimate.low, high: estimate.high }] : []
      }),
    }),
  )
  const chart = seriesChart({
    alt: `${label}: ${models.map(({ name }, i) => `${name} ${points.map(({ values }) => share(values[i] ?? null)).join(', ')}`).join('; ')}.`,
    series,
    x: { label: axis, ticks: points.map(({ x }) => x) },
    y: { label: 'shape bias', domain: [0, 1], format: percent },
    width: 760,
    height: 320,
  })
  return html`<section><div class="text"><h2>${label.charAt(0).toUpperCase()}${label.slice(1)}</h2>
<table class="decisions"><thead><tr><th></th>${models.map(({ name }, i) => html`<th scope="col"><span style="color:${look(i).color}">${name}</span></th>`)}</tr></thead>
<tbody>${points.map(
    ({ label: point, decided }) =>
      html`<tr><td>${point}</td>${decided.map(share => html`<td class="num">${percent(share)}</td>`)}</tr>`,
  )}</tbody></table><p class="note">Share of the images decided for either cue; where it is small, shape bias says little, and where it
is zero there is none.</p></div>
<figure>${raw(chart)}<figcaption>Bars: 95 % bootstrap intervals over images.</figcaption></figure></section>`
}

/** Whether the networks differ on the images as they are, and by which test. */
function differenceSection({ differences, images }: CueCurvesResult): Html | undefined {
  if (differences.length === 0) return undefined
  return html`<section><div class="text"><h2>Do they differ?</h2>
<p>On the ${count(images)} images as they are, by a permutation test image by image; p after Holm's correction for
${differences.length === 1 ? 'the one pair' : `the ${differences.length} pairs`}.</p></div>
<div class="wide"><table><tbody>${differences.map(
    ({ first, second, difference, corrected }) =>
      html`<tr><td>${first} less ${second}</td><td class="num">${signedPoints(difference.value)} points
<small>${signedPoints(difference.low)} to ${signedPoints(difference.high)}</small></td><td class="num">${pValue(corrected)}</td>
<td>${corrected < significanceLevel ? 'they differ' : 'no difference'}</td></tr>`,
  )}</tbody></table></div></section>`
}

/** Shape bias against the radius of training, where at least two of the networks tell it. */
function trainingSection({ models }: CueCurvesResult): Html | undefined {
  const told = models
    .flatMap(({ name, trainedRadius, shapeBias }) =>
      trainedRadius === null || shapeBias === null ? [] : [{ name, x: trainedRadius, ...shapeBias }],
    )
    .sort((a, b) => a.x - b.x)
  if (new Set(told.map(({ x }) => x)).size < 2) return undefined
  const chart = seriesChart({
    alt: `Shape bias by radius of training: ${told.map(({ name, x, value }) => `${name} (${x}) ${percent(value)}`).join(', ')}.`,
    series: [
      { ...look(1), label: '', points: told.map(({ x, value, low, high }) => ({ x, y: value, low, high })) },
    ],
    x: { label: 'radius of adversarial training', ticks: [...new Set(told.map(({ x }) => x))] },
    y: { label: 'shape bias', domain: [0, 1], format: percent },
    width: 760,
    height: 320,
    labelWidth: 30,
  })
  return html`<section><div class="text"><h2>By the radius of training</h2>
<p>${told.map(({ name, x }, i) => `${i > 0 ? ', ' : ''}${name}: ${x}`)}.</p></div>
<figure>${raw(chart)}<figcaption>Bars: 95 % bootstrap intervals over images.</figcaption></figure></section>`
}

function backgroundSection({ models, backgrounds }: CueCurvesResult): Html | undefined {
  if (backgrounds === 0) return undefined
  return html`<section><div class="text"><h2>Background</h2>
<p>Every figure on the background of an image of another class: of the decisions for either, the share for the background.
${count(backgrounds)} images.</p></div>
<div class="wide"><table><tbody>${models.map(
    ({ name, backgroundBias: bias }, i) =>
      html`<tr><td><b style="color:${look(i).color}">${name}</b></td><td class="num">${share(bias)}
<small>${bias === null ? 'no decision for either' : `${(100 * bias.low).toFixed(1)} to ${(100 * bias.high).toFixed(1)}`}</small></td></tr>`,
  )}</tbody></table></div></section>`
}
