// The sections of the report, one for each chapter of the study.

import { type ChapterKey, chapterList, type Summary, type UnitFacts } from '../study/chapters.ts'
import type { Study } from '../study/study.ts'
import { type Html, html } from './html.ts'
import type { Page, Section, UnitView } from './section.ts'
import { ablation } from './sections/ablation.ts'
import { accuracy } from './sections/accuracy.ts'
import { activations } from './sections/activations.ts'
import { concepts } from './sections/concepts.ts'
import { distortions } from './sections/distortions.ts'
import { diversity } from './sections/diversity.ts'
import { masking } from './sections/masking.ts'
import { robustness } from './sections/robustness.ts'
import { shapeBias } from './sections/shape-bias.ts'
import { smoothness } from './sections/smoothness.ts'
import { spectrum } from './sections/spectrum.ts'
import { visualisation } from './sections/visualisation.ts'

const sections: { readonly [K in ChapterKey]: Section<NonNullable<Summary[K]>, NonNullable<UnitFacts[K]>> } =
  {
    shapeBias,
    accuracy,
    distortions,
    robustness,
    masking,
    smoothness,
    activations,
    spectrum,
    concepts,
    diversity,
    visualisation,
    ablation,
  }

/** The sections of what was measured, in the order of the chapters. */
export function renderSections(page: Page): Html[] {
  return told(page.study).map(({ section, part }) => section.render(part, page))
}

/** What the sections are called, each leading to its own. */
export function renderContents(study: Study): Html {
  return html`<nav class="contents"><ul>${told(study).map(
    ({ key, section }) => html`<li><a href="#${key}">${section.title}</a></li>`,
  )}</ul></nav>`
}

function told({ summary }: Study): { key: string; section: Section; part: unknown }[] {
  const parts: Readonly<Record<string, unknown>> = summary
  const byKey: Readonly<Record<string, Section>> = sections
  return chapterList.flatMap(([key]) => {
    const section = byKey[key]
    return section === undefined || parts[key] === undefined ? [] : [{ key, section, part: parts[key] }]
  })
}

/** How the facts of single units are shown, by chapter. */
export const unitViews: readonly (readonly [key: string, view: UnitView])[] = Object.entries(
  sections satisfies Readonly<Record<string, Section>>,
).flatMap(([key, section]: [string, Section]) =>
  section.unit === undefined ? [] : [[key, section.unit] as const],
)
