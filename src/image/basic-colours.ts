// What a colour is called: the eleven basic colour terms of English (Berlin & Kay 1969), which Broden's colour
// concepts bear. By hue, saturation and lightness, with brown and pink as the dark and the pale ones of their hues.

/** In alphabetical order, as Broden numbers them. */
export const basicColours = [
  'black',
  'blue',
  'brown',
  'green',
  'grey',
  'orange',
  'pink',
  'purple',
  'red',
  'white',
  'yellow',
] as const
export type BasicColour = (typeof basicColours)[number]

/** The term for a colour; red, green and blue in [0, 255]. It is CSS's for 76 of the 81 colours that CSS calls so. */
export function basicColour(red: number, green: number, blue: number): BasicColour {
  const high = Math.max(red, green, blue) / 255
  const chroma = high - Math.min(red, green, blue) / 255
  const lightness = high - chroma / 2
  const saturation = high > 0 ? chroma / high : 0
  if (high < 0.16) return 'black'
  const isGrey =
    chroma < 0.075 || saturation < 0.14 || (saturation < 0.24 && chroma < 0.14 && lightness < 0.8)
  if (isGrey) return lightness < 0.22 ? 'black' : lightness < 0.86 ? 'grey' : 'white'
  const hue = hueOf(red / 255, green / 255, blue / 255, high, chroma)
  if (hue < 18 || hue >= 342) {
    if (lightness > 0.72) return 'pink'
    return (hue >= 6 && hue < 18 && high < 0.72) || (saturation < 0.45 && high < 0.8) ? 'brown' : 'red'
  }
  if (hue < 46) {
    if (high < 0.7 || (saturation < 0.65 && high < 0.9)) return 'brown'
    return saturation < 0.35 ? 'white' : 'orange'
  }
  if (hue < 68) return high < 0.45 ? 'brown' : high < 0.56 || saturation < 0.15 ? 'green' : 'yellow'
  if (hue < 172) return 'green'
  if (hue < 258) return 'blue'
  if (hue < 318) return 'purple'
  return high < 0.72 ? 'purple' : 'pink'
}

/** In degrees, red at 0, green at 120, blue at 240. */
function hueOf(r: number, g: number, b: number, high: number, chroma: number): number {
  const sector = high === r ? (g - b) / chroma : high === g ? 2 + (b - r) / chroma : 4 + (r - g) / chroma
  return (60 * sector + 360) % 360
}

/** By the top five bits of red, green and blue, which no name depends on more finely than on its bounds. */
const table = new Uint8Array(1 << 15)
let isFilled = false

function filledTable(): Uint8Array {
  for (let key = 0; !isFilled && key < table.length; key++) {
    const level = (shift: number) => (((key >> shift) & 31) / 31) * 255
    table[key] = basicColours.indexOf(basicColour(level(10), level(5), level(0)))
  }
  isFilled = true
  return table
}

/**
 * Index into {@link basicColours} for every pixel.
 * @param planes red, green and blue in [0, 1], each `area` values, from `offset` on
 */
export function nameColours(planes: Float32Array, area: number, offset = 0): Uint8Array {
  const names = filledTable()
  const out = new Uint8Array(area)
  for (let p = 0; p < area; p++) {
    const at = offset + p
    const [r, g, b] = [planes[at]!, planes[at + area]!, planes[at + 2 * area]!]
    out[p] = names[(Math.round(31 * r) << 10) | (Math.round(31 * g) << 5) | Math.round(31 * b)]!
  }
  return out
}
