// Fine detail or coarse form: energy by frequency, and the frequencies at which each network can be disturbed.

import type { Summary, UnitFacts } from '../../study/chapters.ts'
import { pairOf } from '../../study/pair.ts'
import { byLayer } from '../by-layer.ts'
import { frequencyMap } from '../charts/frequencies.ts'
import { type Html, html, raw } from '../html.ts'
import type { Page, Section } from '../section.ts'
import { count, decimal, networkName, percent } from '../text.ts'
import { roles } from '../theme.ts'

type Spectrum = NonNullable<Summary['spectrum']>

type Unit = NonNullable<UnitFacts['spectrum']>

const share = (value: number | null | undefined) =>
  value === null || value === undefined ? '–' : percent(value)

const title = 'Fine detail or coarse form?'

export const spectrum: Section<Spectrum, Unit> = {
  title,
  render,
  unit: {
    rows(facts) {
      const hasFilters = roles.some(role => facts[role]?.filters !== undefined)
      return [
        ...(hasFilters
          ? [
              {
                label: 'fine detail in its kernels (energy above half Nyquist)',
                ...pairOf(role => share(facts[role]?.filters)),
              },
            ]
          : []),
        {
          label: 'fine detail in its maps (energy above half Nyquist)',
          ...pairOf(role => share(facts[role]?.maps)),
        },
      ]
    },
  },
}

function render({ filters, images, layers, sensitivity }: Spectrum, { study }: Page): Html {
  const { norm, clean, low, high, worst } = sensitivity
  return html`
<section id="spectrum">
<div class="text"><h2>${title}</h2>
<p>Energy above half the Nyquist frequency is detail finer than four pixels (or cells of a map) a period. Beside total
variation it does not depend on contrast.</p>
<p>Where a network needs a frequency it errs once a wave of it is added. Errors without a wave, and with waves up to and above
half Nyquist:</p>
<table class="decisions"><thead><tr><th></th><th scope="col">none</th><th scope="col">coarse</th><th scope="col">fine</th></tr></thead>
<tbody>${roles.map(
    role =>
      html`<tr><td>${networkName(study, role)}</td>${[clean, low, high].map(
        ({ [role]: error }) => html`<td class="num">${percent(error.value)}</td>`,
      )}</tr>`,
  )}</tbody></table>
<p class="note">No claim of the paper: it measures smoothness by total variation alone.</p></div>
<figure><h3>Share of energy in fine detail</h3>${byLayer(study, {
    what: 'Share of energy above half the Nyquist frequency',
    rows: [
      ...(filters ? [{ ...filters, label: `kernels of ${filters.layer}` }] : []),
      ...layers.map(layer => ({ ...layer, label: `maps of ${layer.layer}` })),
    ],
    format: percent,
    axis: 'energy above half Nyquist (smaller is smoother)',
    fromZero: true,
    labelWidth: 124,
  })}<figcaption>Bars: 95 % bootstrap intervals over units. Maps: ${count(images)} images, each map without its
mean.</figcaption></figure>
<figure><h3>Images that a wave of one frequency makes a network err on</h3>
<div class="pair">${roles.map(role => map(sensitivity, role, study))}</div>
<figcaption>More errors than without a wave, by its frequency; coarse waves in the middle, the finest at the edges. Both
maps have one scale. ${count(sensitivity.images)} images, waves of L2 norm ${decimal(norm)}. Worst:
${roles.map((role, i) => html`${i > 0 ? '; ' : ''}${networkName(study, role)} errs on ${percent(worst[role].error)} at ${waveOf(worst[role])}`)}.</figcaption></figure>
</section>`
}

type Sensitivity = Spectrum['sensitivity']

/** `4 cycles across and 12 down`; which way it leans is left to the map. */
function waveOf({ across, down }: Sensitivity['worst']['standard']): string {
  return `${across} cycles across and ${Math.abs(down)} down`
}

function map(
  { rows, columns, errors, clean, worst }: Sensitivity,
  role: 'standard' | 'robust',
  study: Page['study'],
): Html {
  const full = Math.max(0.1, ...roles.map(one => worst[one].error - clean[one].value))
  const chart = frequencyMap({
    alt: `Errors of ${study.models[role].name} added by a wave, by frequency: ${percent(worst[role].error - clean[role].value)} at most, at ${waveOf(worst[role])}.`,
    role,
    rows,
    columns,
    values: errors[role].map(row => row.map(error => error - clean[role].value)),
    full,
  })
  return html`<div>${networkName(study, role)}${raw(chart)}<p class="ramp ${role}">0 <i></i> +${(100 * full).toFixed(0)} points</p></div>`
}
