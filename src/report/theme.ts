// The look that charts and page share. S and R keep their colour and their mark everywhere, so that a reader
// learns them once; the marks differ too, for those who see or print no colours.

import { type Role, roles } from '../study/pair.ts'

/**
 * The page's variables (style.ts), so that charts follow its dark form; a chart by itself takes the light one.
 * Colours pass 4.5:1 on their ground, so that they serve for text as well.
 */
export const theme = {
  paper: 'var(--paper, #fff)',
  ink: 'var(--ink, #1b1f24)',
  muted: 'var(--muted, #5b6470)',
  faint: 'var(--faint, #d9dde2)',
  font: '"Inter", "Helvetica Neue", "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif',
} as const

export { type Role, roles }

export const roleStyle: Readonly<
  Record<Role, { readonly color: string; readonly symbol: 'circle' | 'square' }>
> = {
  standard: { color: 'var(--standard, #b8500b)', symbol: 'circle' },
  robust: { color: 'var(--robust, #0b62a4)', symbol: 'square' },
}

/** Colours of any number of networks, in turn; dark enough for text. */
export const palette = [
  '#b8500b',
  '#0b62a4',
  '#2c7a3f',
  '#7d3c98',
  '#a3195b',
  '#6b5d00',
  '#00737a',
  '#5a5f6b',
] as const
