// How the report writes numbers and names.

import type { Estimate } from '../probe/statistics.ts'
import type { Study } from '../study/study.ts'
import { type Html, html } from './html.ts'
import { type Role, roles } from './theme.ts'

/** `88 %`; small shares keep a digit: `1.3 %`. */
export function percent(value: number): string {
  return `${(100 * value).toFixed(value > 0 && value < 0.0995 ? 1 : 0)} %`
}

/** `6.62` */
export function decimal(value: number): string {
  return value.toFixed(2)
}

/** `6.62`; numbers below 1 keep a third digit: `0.133`. */
export function plainNumber(value: number): string {
  return value.toFixed(Math.abs(value) < 1 ? 3 : 2)
}

/** `p = 0.03`, `p < 0.0001` */
export function pValue(p: number): string {
  return p < 0.0001 ? 'p < 0.0001' : `p = ${Number(p.toPrecision(2))}`
}

/** `1,920` */
export function count(value: number): string {
  return value.toLocaleString('en-US')
}

/** What a category of concepts is called: Broden writes `color`, everything here does not. */
export function categoryName(category: string): string {
  return category === 'color' ? 'colour' : category
}

/** Longest names that stand at every mark and over every column. */
const longestName = 8

/** What charts and tables call the networks: their names, or S and R where one is too long for a mark. */
export function names({ models }: Pick<Study, 'models'>): Record<Role, string> {
  const [standard, robust] = [models.standard.name, models.robust.name]
  return areLong({ models }) ? { standard: 'S', robust: 'R' } : { standard, robust }
}

/** Whether {@link names} are not the networks' own. */
export function areLong({ models }: Pick<Study, 'models'>): boolean {
  return roles.some(role => models[role].name.length > longestName)
}

/** A network as {@link names} call it, in its colour. */
export function networkName(study: Study, role: Role): Html {
  return html`<b class="${role}">${names(study)[role]}</b>`
}

/** A network's own name in its colour, however long. */
export function fullName(study: Study, role: Role): Html {
  return html`<b class="${role}">${study.models[role].name}</b>`
}

/** `S 35 %, R 88 %`, for descriptions of charts. */
export function both(study: Study, value: (role: Role) => string): string {
  return roles.map(role => `${names(study)[role]} ${value(role)}`).join(', ')
}

/** `text` as a sentence: a capital letter at its head, a full stop at its end. */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

/** A difference of two shares in points: `+3.2`, `−0.8`; a dash where there is none. */
export function signedPoints(difference: number | null): string {
  if (difference === null) return '–'
  const points = (100 * Math.abs(difference)).toFixed(1)
  return points === '0.0' ? '0' : `${difference > 0 ? '+' : '−'}${points}`
}

/** An interval of differences in points: `−0.8 to +3.2`. */
export function signedRange({ low, high }: Pick<Estimate, 'low' | 'high'>): string {
  return `${signedPoints(low)} to ${signedPoints(high)}`
}

/** A number of a unit; a dash where there is none. */
export function numberOf(value: number | null | undefined, digits = 2): string {
  return value === null || value === undefined ? '–' : value.toFixed(digits)
}
