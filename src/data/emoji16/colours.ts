// The eleven named colours: how one is drawn, and what a colour is called.

import type { Random } from '../../tensor/random.ts'

/** Eight hues, then three greys; a colour's place is its label in masks. */
export const colourNames = [
  'red',
  'orange',
  'yellow',
  'green',
  'cyan',
  'blue',
  'purple',
  'pink',
  'black',
  'grey',
  'white',
] as const

const hues = [0, 0.08, 0.16, 0.36, 0.5, 0.63, 0.76, 0.9]
const greys = [
  [0.1, 0.22],
  [0.4, 0.6],
  [0.8, 0.92],
] as const

/** Red, green and blue in [0, 1]. */
export type Rgb = readonly [r: number, g: number, b: number]

/** Perceived lightness (ITU-R BT.601). */
export const luma = ([r, g, b]: Rgb) => 0.299 * r + 0.587 * g + 0.114 * b

/** The two hues that a category prefers where colour is a cue. */
export const preferredHues = (category: number): readonly [number, number] => [
  category % 8,
  (3 * category + 2 * Math.floor(category / 8) + 1) % 8,
]

/** A random colour name: a hue with probability `saturated`, else a grey. */
export function drawColourName(random: Random, saturated: number): number {
  return random.uniform() < saturated
    ? random.integer(hues.length)
    : hues.length + random.integer(greys.length)
}

/** A random colour that bears the name with index `name`. */
export function drawColour(random: Random, name: number): Rgb {
  const grey = greys[name - hues.length]
  if (grey !== undefined) return fromHsv(random.uniform(), random.uniform(0, 0.08), random.uniform(...grey))
  return fromHsv(
    hues[name]! + random.uniform(-0.03, 0.03),
    random.uniform(0.45, 0.85),
    random.uniform(0.5, 0.9),
  )
}

/** Index of the name that fits a colour best: by lightness when it is nearly grey, by hue otherwise. */
export function colourName(colour: Rgb): number {
  const high = Math.max(...colour)
  const chroma = high - Math.min(...colour)
  if (chroma < 0.12) return hues.length + (high < 0.31 ? 0 : high < 0.7 ? 1 : 2)
  const [r, g, b] = colour
  const sector = high === r ? (g - b) / chroma : high === g ? 2 + (b - r) / chroma : 4 + (r - g) / chroma
  const hue = sector / 6
  const away = hues.map(h => Math.abs(((hue - h + 1.5) % 1) - 0.5))
  return away.indexOf(Math.min(...away))
}

function fromHsv(hue: number, saturation: number, value: number): Rgb {
  const channel = (offset: number) => {
    const k = (((hue * 6 + offset) % 6) + 6) % 6
    return value - value * saturation * Math.max(0, Math.min(k, 4 - k, 1))
  }
  return [channel(5), channel(3), channel(1)]
}
