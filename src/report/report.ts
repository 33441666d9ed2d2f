// The report of a study. Everything in it was measured by the study; nothing is computed here.

import type { Picture } from '../study/picture.ts'
import type { Study } from '../study/study.ts'
import { htmlDocument } from './document.ts'
import { type Html, html, imageSource } from './html.ts'
import { settings } from './parts/settings.ts'
import { training } from './parts/training.ts'
import { verdict } from './parts/verdict.ts'
import { renderContents, renderSections } from './sections.ts'

/**
 * The report of `study` as HTML text.
 * @param bytesOf gives the bytes of a picture that the study names.
 * @param pageOf address of the page of a layer or unit, where it has one.
 */
export function renderReport(
  study: Study,
  bytesOf: (picture: Picture) => Uint8Array,
  pageOf: (layer: string, channel?: number) => string | undefined = () => undefined,
): string {
  const leadTo = (content: Html, layer: string, channel?: number) => {
    const href = pageOf(layer, channel)
    return href === undefined ? content : html`<a href="${href}">${content}</a>`
  }
  return htmlDocument({
    title: `${study.name}: ${study.headline}`,
    body: html`${verdict(study)}
${renderContents(study)}
<main>
${renderSections({
  study,
  image: picture => imageSource(picture.name, bytesOf(picture)),
  link: (layer, channel) =>
    leadTo(html`${channel === undefined ? layer : `${layer}:${channel}`}`, layer, channel),
  leadTo,
})}
${training(study)}
${settings(study)}
</main>`,
    footer: html`Made by silhouette ${study.versions.silhouette ?? ''}. Claims: P. Chen, C. Agarwal, A. Nguyen, The shape and
simplicity biases of adversarially robust ImageNet-trained CNNs, arXiv 2006.09373. Shape bias: Geirhos et al., ICLR 2019.`,
  })
}
