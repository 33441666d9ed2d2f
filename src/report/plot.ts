// Observable Plot without a browser: draws on a DOM of linkedom and returns the SVG as text that stands alone
// in an HTML file.

import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { escapeHtml } from './html.ts'
import { theme } from './theme.ts'

export interface Description {
  /** What the chart shows, for those who cannot see it: the numbers too, when they are few. */
  readonly alt: string
}

/** The SVG text of a plot. Numbers in it are rounded to a hundredth of a pixel. */
export function svg(options: Plot.PlotOptions, { alt }: Description): string {
  const { document } = parseHTML('<html><body></body></html>')
  const drawn = Plot.plot({
    document,
    ...options,
    style: { fontFamily: theme.font, fontSize: '12.5px', color: theme.ink, background: 'none' },
  })
  for (const style of drawn.querySelectorAll('style')) style.remove()
  // The picture as a whole has one description; what Plot says about its parts would only be noise.
  for (const part of drawn.querySelectorAll('[aria-label],[aria-hidden]')) {
    part.removeAttribute('aria-label')
    part.removeAttribute('aria-hidden')
  }
  drawn.removeAttribute('class')
  drawn.setAttribute('role', 'img')
  // Only in tags: what is written between them is the chart's own text.
  const text = drawn.outerHTML.replace(/<[^>]*>/g, tag =>
    tag.replace(/-?\d+\.\d{3,}/g, number => String(Math.round(Number(number) * 100) / 100)),
  )
  return text.replace(/^<svg /, `<svg aria-label="${escapeHtml(alt)}" `)
}

/** The y scale of a chart with so many rows of this height, the first below `top` pixels: row i has its middle at i. */
export function rowAxis(rows: number, top: number, height: number) {
  return { domain: [-0.5, rows - 0.5], range: [top, top + rows * height], axis: null }
}
