// The report: one HTML file that needs nothing else, neither scripts nor the network. Everything in it was
// measured by the study; nothing is computed here.

import type { Picture } from '../study/picture.ts'
import type { Study } from '../study/study.ts'
import { html, pngSource, raw } from './html.ts'
import { settings } from './parts/settings.ts'
import { training } from './parts/training.ts'
import { verdict } from './parts/verdict.ts'
import { renderSections } from './sections.ts'
import { css } from './style.ts'

/**
 * The report of `study` as HTML text.
 * @param png gives the bytes of a picture that the study names.
 */
export function renderReport(study: Study, png: (picture: Picture) => Uint8Array): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${study.name}: ${study.headline}</title>
<style>${raw(css)}</style>
</head>
<body>
${verdict(study)}
<main>
${renderSections({ study, image: picture => pngSource(png(picture)) })}
${training(study)}
${settings(study)}
</main>
<footer class="note">Made by silhouette ${study.versions.silhouette ?? ''}. Claims: P. Chen, C. Agarwal, A. Nguyen, The shape and
simplicity biases of adversarially robust ImageNet-trained CNNs, arXiv 2006.09373. Shape bias: Geirhos et al., ICLR 2019.</footer>
</body>
</html>
`.text
}
