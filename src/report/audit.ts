// The page of an audit: what the thresholds say, every measure, and the curves behind them.

import { stringify } from 'yaml'
import type { Audit, Curve, Measure } from '../audit/audit.ts'
import type { Check } from '../audit/thresholds.ts'
import { writtenInterval, writtenValue } from '../audit/written.ts'
import { singleCurveChart } from './charts/single-curve.ts'
import { htmlDocument } from './document.ts'
import { type Html, html, raw } from './html.ts'
import { count, percent } from './text.ts'

/** The page as HTML text. @param checks the thresholds it was held to, if any */
export function renderAudit(audit: Audit, checks: readonly Check[]): string {
  const { model, curves, corruptions } = audit
  const title = headline(audit, checks)
  return htmlDocument({
    title,
    body: html`<header><p class="kicker">silhouette audit: ${model.name}</p><h1>${title}</h1>
<p class="lede">${count(audit.data[0]?.images ?? 0)} images of ${model.classes} classes. Each number has its 95 % interval;
guessing would be right in ${percent(audit.chance)}.</p></header>
<main>
${scorecard(audit, checks)}
${curves.length > 0 ? curveSection(audit) : undefined}
${corruptions.length > 0 ? corruptionSection(audit) : undefined}
${settings(audit)}
</main>`,
    footer: html`Made by silhouette ${audit.versions.silhouette ?? ''}. Corruptions: Hendrycks and Dietterich, ICLR 2019. Shape
bias: Geirhos et al., ICLR 2019. Expected calibration error: Guo et al., ICML 2017.`,
  })
}

function headline({ model, measures }: Audit, checks: readonly Check[]): string {
  const failed = checks.filter(({ passed }) => !passed)
  if (failed.length > 0) return `${model.name} fails: ${failed[0]!.sentence}`
  const parts = [
    ['accuracy', 'right'],
    ['robust-accuracy', 'under attack'],
    ['shape-bias', 'of decisions by shape'],
  ].flatMap(([id, words]) => {
    const value = measures.find(measure => measure.id === id)?.value ?? null
    return value === null ? [] : [`${percent(value)} ${words}`]
  })
  return `${model.name}: ${parts.join(', ')}`
}

function scorecard({ measures, lints }: Audit, checks: readonly Check[]): Html {
  const limit = ({ bound, limit, passed }: Check) =>
    html`<span class="verdict ${passed ? 'reproduced' : 'reversed'}">${passed ? 'holds' : 'fails'}: ${
      bound === 'min' ? '≥' : '≤'
    } ${limit}</span>`
  const row = (measure: Measure) => html`<tr><td>${measure.label}<br><small><code>${measure.id}</code>${
    measure.images === null ? undefined : `, ${count(measure.images)} images`
  }</small></td>
<td class="num"><b>${writtenValue(measure)}</b><br><small>${writtenInterval(measure)}</small></td>
<td>${checks.filter(check => check.measure === measure.id).map(limit)}</td></tr>`
  return html`<section><div class="text"><h2>Scorecard</h2>
${lints.length === 0 ? html`<p>Nothing looks wrong with the model or its preprocessing.</p>` : html`<p>Looks wrong:</p>`}
${lints.map(({ code, message }) => html`<p class="note"><b>${code}</b>: ${message}</p>`)}</div>
<div class="wide"><table><thead><tr><th scope="col">measure</th><th scope="col">value</th><th scope="col">threshold</th></tr></thead>
<tbody>${measures.map(row)}</tbody></table></div></section>`
}

function curveSection({ curves, chance }: Audit): Html {
  const figure = (curve: Curve) =>
    html`<div><h3>${curve.label}</h3>${raw(
      singleCurveChart({
        alt: `${curve.label}: ${curve.points.map(({ label, value }) => `${label} ${percent(value)}`).join(', ')}.`,
        points: curve.points,
        axis: curve.axis,
        chance,
        format: percent,
      }),
    )}<p class="note">${count(curve.images)} images.</p></div>`
  return html`<section><div class="text"><h2>Where it breaks</h2>
<p>Accuracy while something is done to the images, step by step. Dashed: guessing.</p></div>
<figure><div class="pair">${curves.map(figure)}</div><figcaption>Bars: 95 % intervals.</figcaption></figure></section>`
}

function corruptionSection({ corruptions, data, measures }: Audit): Html {
  const severities = corruptions[0]!.severities.map(({ severity }) => severity)
  const images = data[1]?.images ?? 0
  const errors = corruptions.map(
    ({ severities: levels }) => levels.reduce((sum, { value }) => sum + 1 - value, 0) / levels.length,
  )
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length
  const isRelated = measures.some(({ id }) => id === 'mce')
  return html`<section><div class="text"><h2>Corruptions</h2>
<p>The fifteen corruptions of ImageNet-C, made on the fly. Mean error ${percent(mean)}${
    isRelated ? '' : "; mCE needs a network of ImageNet's classes and all five severities"
  }.</p><p class="note">Accuracy on ${count(images)} images at each severity, with its 95 % interval.</p></div>
<div class="wide"><table class="corruptions"><thead><tr><th scope="col"></th>${severities.map(
    severity => html`<th scope="col">severity ${severity}</th>`,
  )}<th scope="col">mean error</th></tr></thead>
<tbody>${corruptions.map(
    ({ name, severities: levels }, i) =>
      html`<tr><td>${name.replaceAll('_', ' ')}</td>${levels.map(
        ({ value, low, high }) =>
          html`<td class="num">${percent(value)} <small>${(100 * low).toFixed(0)}–${(100 * high).toFixed(0)}</small></td>`,
      )}<td class="num">${percent(errors[i]!)}</td></tr>`,
  )}</tbody></table></div></section>`
}

function settings({ model, data, note, settings: chosen, versions }: Audit): Html {
  return html`<section class="settings"><div class="text"><h2>To repeat it</h2>
<p class="note">Fingerprints are SHA-256 hashes: another one means another model or other data. ${note}</p></div>
<div class="wide"><dl><dt>model</dt><dd>${model.name} from <code>${model.source}</code></dd>
<dt>fingerprint</dt><dd><code>${model.fingerprint}</code></dd>
${data.map(set => html`<dt>${set.name}</dt><dd>${count(set.images)} images, <code>${set.fingerprint}</code></dd>`)}
${Object.entries(versions).map(([name, version]) => html`<dt>${name}</dt><dd>${version}</dd>`)}</dl></div>
<div class="wide"><h3>Settings</h3><pre>${stringify(chosen, { lineWidth: 0 })}</pre></div></section>`
}
