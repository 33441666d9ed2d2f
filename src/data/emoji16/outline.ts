// From an icon's alpha channel to a clean silhouette: small gaps closed, interior filled, cut out, centred.

/** Side of a stored outline in pixels. */
export const outlineSize = 128
/** Side of the square that the longer side of the figure fills, in the middle of the outline. */
export const figureSize = 112

const pad = 4
const closing = 2

/** A binary picture, `side` x `side`, row by row, 0 or 1. */
interface Bitmap {
  readonly side: number
  readonly on: Uint8Array
}

/**
 * The silhouette of an icon.
 * @param alpha `[128, 128]` coverage of the rendered icon, 0–255
 * @param fill fill holes (not wanted where the holes make the shape: bicycle, chair)
 * @returns `[128, 128]`, 0–255, or undefined when the icon is empty or a full tile without a shape
 */
export function outline(alpha: Uint8Array, fill: boolean): Uint8Array | undefined {
  let solid = 0
  for (const a of alpha) if (a > 128) solid++
  if (solid > 0.8 * alpha.length) return undefined

  const side = outlineSize + 2 * pad
  const on = new Uint8Array(side * side)
  for (let y = 0; y < outlineSize; y++) {
    for (let x = 0; x < outlineSize; x++) {
      if (alpha[y * outlineSize + x]! > 100) on[(y + pad) * side + x + pad] = 1
    }
  }
  const figure = fill ? closedAndFilled({ side, on }) : { side, on }
  return centred(figure)
}

function closedAndFilled(bitmap: Bitmap): Bitmap {
  let grown = bitmap
  for (let i = 0; i < closing; i++) grown = dilated(grown)
  let outside = inverted(filled(grown))
  for (let i = 0; i < closing; i++) outside = dilated(outside)
  return { side: bitmap.side, on: bitmap.on.map((value, i) => value | (1 - outside.on[i]!)) }
}

const inverted = ({ side, on }: Bitmap): Bitmap => ({ side, on: on.map(value => 1 - value) })

/** Each pixel with its four neighbours. */
function dilated({ side, on }: Bitmap): Bitmap {
  const out = on.slice()
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      if (on[y * side + x] === 0) continue
      if (y > 0) out[(y - 1) * side + x] = 1
      if (y < side - 1) out[(y + 1) * side + x] = 1
      if (x > 0) out[y * side + x - 1] = 1
      if (x < side - 1) out[y * side + x + 1] = 1
    }
  }
  return { side, on: out }
}

/** Everything that a 4-connected flood from the border does not reach. */
function filled({ side, on }: Bitmap): Bitmap {
  const out = new Uint8Array(side * side).fill(1)
  const stack: number[] = []
  const visit = (i: number) => {
    if (on[i] === 0 && out[i] === 1) {
      out[i] = 0
      stack.push(i)
    }
  }
  for (let i = 0; i < side; i++) {
    for (const edge of [i, (side - 1) * side + i, i * side, i * side + side - 1]) visit(edge)
  }
  for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
    if (i >= side) visit(i - side)
    if (i < side * (side - 1)) visit(i + side)
    if (i % side > 0) visit(i - 1)
    if (i % side < side - 1) visit(i + 1)
  }
  return { side, on: out }
}

/** The figure cut out, put in the middle of a square and scaled to {@link figureSize}. */
function centred({ side, on }: Bitmap): Uint8Array | undefined {
  let [x0, y0, x1, y1] = [side, side, 0, 0]
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      if (on[y * side + x] === 0) continue
      x0 = Math.min(x0, x)
      y0 = Math.min(y0, y)
      x1 = Math.max(x1, x + 1)
      y1 = Math.max(y1, y + 1)
    }
  }
  if (x1 <= x0) return undefined
  const square = Math.max(x1 - x0, y1 - y0)
  const left = x0 - Math.floor((square - (x1 - x0)) / 2)
  const top = y0 - Math.floor((square - (y1 - y0)) / 2)
  const inside = (x: number, y: number) => {
    const inBox = x >= x0 && x < x1 && y >= y0 && y < y1
    return inBox ? on[y * side + x]! : 0
  }
  const out = new Uint8Array(outlineSize * outlineSize)
  const margin = (outlineSize - figureSize) / 2
  const weights = triangleWeights(square, figureSize)
  const rows = new Float64Array(figureSize * square)
  for (let y = 0; y < square; y++) {
    for (let i = 0; i < figureSize; i++) {
      let sum = 0
      for (const [x, weight] of weights[i]!) sum += weight * inside(left + x, top + y)
      rows[i * square + y] = sum
    }
  }
  for (let j = 0; j < figureSize; j++) {
    for (let i = 0; i < figureSize; i++) {
      let sum = 0
      for (const [y, weight] of weights[j]!) sum += weight * rows[i * square + y]!
      out[(j + margin) * outlineSize + i + margin] = Math.round(255 * sum)
    }
  }
  return out
}

/** Bilinear resampling weights; the triangle widens with the scale where the picture shrinks. */
function triangleWeights(from: number, to: number): [index: number, weight: number][][] {
  const scale = from / to
  const reach = Math.max(scale, 1)
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale
    const taps: [number, number][] = []
    for (
      let x = Math.max(0, Math.floor(centre - reach));
      x < Math.min(from, Math.ceil(centre + reach));
      x++
    ) {
      const weight = 1 - Math.abs(x + 0.5 - centre) / reach
      if (weight > 0) taps.push([x, weight])
    }
    const total = taps.reduce((sum, [, weight]) => sum + weight, 0)
    return taps.map(([x, weight]): [number, number] => [x, weight / total])
  })
}
