// Everything that it takes to do this again.

import { stringify } from 'yaml'
import type { Study } from '../../study/study.ts'
import { type Html, html } from '../html.ts'
import { count, fullName } from '../text.ts'
import { roles } from '../theme.ts'

export function settings(study: Study): Html {
  return html`
<section class="settings">
<div class="text"><h2>To repeat it</h2>
<p>Save the config, have the same models, and run</p><p><code>silhouette study config.yaml</code></p>
<p class="note">Fingerprints are SHA-256 hashes: another one means another model or other data.</p></div>
<div class="wide"><h3>Models</h3>
${roles.map(role => {
  const model = study.models[role]
  return html`<dl style="margin-bottom: 14px"><dt>${fullName(study, role)}</dt><dd>${model.architecture ?? 'network'} from <code>${model.source}</code></dd>
<dt>fingerprint</dt><dd><code>${model.fingerprint}</code></dd></dl>`
})}
<h3 style="margin-top: 22px">Data</h3>
<dl>${study.data.map(
    set => html`<dt>${set.name}</dt><dd>${count(set.images)} images, <code>${set.fingerprint}</code></dd>`,
  )}</dl>
<h3 style="margin-top: 22px">Versions and seed</h3>
<dl>${Object.entries(study.versions).map(([name, version]) => html`<dt>${name}</dt><dd>${version}</dd>`)}<dt>seed</dt><dd>${study.seed}</dd></dl></div>
<details class="wide"><summary>Config, with all defaults filled in</summary>
<pre>${stringify(study.config, { lineWidth: 0 })}</pre></details>
${roles.map(role => {
  const { provenance } = study.models[role]
  return provenance === undefined
    ? undefined
    : html`<details class="wide"><summary>How ${fullName(study, role)} was trained</summary><pre>${stringify(provenance, { lineWidth: 0 })}</pre></details>`
})}
</section>`
}
