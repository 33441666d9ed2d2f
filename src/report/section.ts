// A section is a chapter of the study as the report tells it: from the chapter's part of study.json to HTML.
// sections.ts lists them under the chapters' keys.

import type { Picture } from '../study/picture.ts'
import type { Study } from '../study/study.ts'
import type { Html } from './html.ts'

/** What sections write on. */
export interface Page {
  readonly study: Study
  /** What goes into `src` for a picture that the study names. */
  image(picture: Picture): string
}

/** `S`: the chapter's part of the summary. */
export interface Section<S = unknown> {
  render(part: S, page: Page): Html
}
