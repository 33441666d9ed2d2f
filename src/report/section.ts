// A section is a chapter of the study as the report tells it: from the chapter's part of study.json to HTML.
// sections.ts lists them under the chapters' keys.

import type { PairOf } from '../study/pair.ts'
import type { Picture } from '../study/picture.ts'
import type { Study } from '../study/study.ts'
import type { Html } from './html.ts'

/** What sections write on. */
export interface Page {
  readonly study: Study
  /** What goes into `src` for a picture that the study names. */
  image(picture: Picture): string
  /** The name of a unit, or of a layer, leading to its page where it has one. */
  link(layer: string, channel?: number): Html
  /** `content` leading to the page of a layer or unit, where it has one. */
  leadTo(content: Html, layer: string, channel?: number): Html
}

/** `S`: the chapter's part of the summary. `U`: what it says of one unit of one network. */
export interface Section<S = unknown, U = unknown> {
  /** Its heading, also in the list of contents. */
  readonly title: string
  /** One `<section>` whose id is the chapter's key. */
  render(part: S, page: Page): Html
  readonly unit?: UnitView<U>
}

/** How a chapter's facts of single units are shown. */
export interface UnitView<U = unknown> {
  /** In the list of a layer's units: a few words. */
  brief?(fact: U): string | undefined
  /** A strip of pictures: on the unit's page, and in the list of its layer. */
  picture?(fact: U): { readonly picture: Picture; readonly alt: string } | undefined
  /** One square picture: on the unit's page, and in the sheet of its layer. Without a picture, `alt` says why. */
  portrait?(fact: U): { readonly picture?: Picture; readonly alt: string } | undefined
  /** Rows of the table of a unit's page; a network without such a unit has no fact. */
  rows(facts: PairOf<U | undefined>, study: Study): readonly UnitRow[]
}

/** One fact of the same unit in both networks. */
export interface UnitRow extends PairOf<string | Html> {
  readonly label: string
}
