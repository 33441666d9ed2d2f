// The shell of every page: one HTML file that needs nothing else, neither scripts nor the network.

import { type Html, html, raw } from './html.ts'
import { css } from './style.ts'

export interface DocumentParts {
  readonly title: string
  readonly body: Html
  /** The last lines of the page, below a rule. */
  readonly footer: Html
}

/** The page as HTML text. */
export function htmlDocument({ title, body, footer }: DocumentParts): string {
  const text = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(css)}</style>
</head>
<body>
${body}
<footer class="note">${footer}</footer>
</body>
</html>
`.text
  // A number and its percent sign stay on one line.
  return text.replaceAll(/>[^<]+</g, between => between.replaceAll(/(?<=\d) %/g, '\u00a0%'))
}
