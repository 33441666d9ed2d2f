// How the energy of a map is spread over spatial frequencies: how much of it lies above half the Nyquist frequency,
// that is, in detail finer than four cells a period, in whatever direction.

/** Half the Nyquist frequency, in cycles per cell. */
export const HALF_NYQUIST = 0.25

export interface Energy {
  /** Of all frequencies asked about. */
  readonly total: number
  /** Of those above {@link HALF_NYQUIST}. */
  readonly high: number
}

/**
 * Energy of a map `[height, width]` by its discrete Fourier transform, divided by the number of cells (Parseval:
 * `total` is the sum of squares). Only the low frequencies are computed; what is left of the sum of squares is high.
 * @param offset where the map begins in `values`
 * @param withMean whether the constant part counts, as a low frequency
 */
export function energy(
  values: ArrayLike<number>,
  height: number,
  width: number,
  { offset = 0, withMean = false }: { readonly offset?: number; readonly withMean?: boolean } = {},
): Energy {
  const mean = withMean ? 0 : meanOf(values, offset, height * width)
  const across = wavesOf(width)
  const down = wavesOf(height)
  let total = 0
  let low = 0
  const [re, im] = [new Float64Array(height), new Float64Array(height)]
  for (let i = offset; i < offset + height * width; i++) total += (values[i]! - mean) ** 2
  if (total === 0) return { total: 0, high: 0 }
  for (let v = 0; v < across.count; v++) {
    re.fill(0)
    im.fill(0)
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const value = values[offset + y * width + x]! - mean
        re[y]! += value * across.cos[v * width + x]!
        im[y]! += value * across.sin[v * width + x]!
      }
    }
    for (let u = 0; u < down.count; u++) {
      if ((u / height) ** 2 + (v / width) ** 2 > HALF_NYQUIST ** 2) break
      // Positive and negative u share their products: e^(-i a) and e^(+i a).
      let [cosRe, cosIm, sinRe, sinIm] = [0, 0, 0, 0]
      for (let y = 0; y < height; y++) {
        const [c, s] = [down.cos[u * height + y]!, down.sin[u * height + y]!]
        cosRe += re[y]! * c
        cosIm += im[y]! * c
        sinRe += re[y]! * s
        sinIm += im[y]! * s
      }
      // Row sums are (re - i im); the mirrored frequency (-u, -v) has the same energy.
      const forward = (cosRe - sinIm) ** 2 + (cosIm + sinRe) ** 2
      const backward = (cosRe + sinIm) ** 2 + (cosIm - sinRe) ** 2
      low += (v === 0 ? 1 : 2) * (u === 0 ? forward : forward + backward)
    }
  }
  return { total, high: Math.max(0, total - low / (height * width)) }
}

interface Waves {
  /** Frequencies 0 to `count - 1` cycles per axis: those up to {@link HALF_NYQUIST}. */
  readonly count: number
  /** `[count, length]` */
  readonly cos: Float64Array
  readonly sin: Float64Array
}

const known = new Map<number, Waves>()

function wavesOf(length: number): Waves {
  let waves = known.get(length)
  if (waves === undefined) {
    const count = Math.floor(length * HALF_NYQUIST) + 1
    const angles = Float64Array.from(
      { length: count * length },
      (_, i) => (2 * Math.PI * Math.floor(i / length) * (i % length)) / length,
    )
    waves = { count, cos: angles.map(Math.cos), sin: angles.map(Math.sin) }
    known.set(length, waves)
  }
  return waves
}

function meanOf(values: ArrayLike<number>, offset: number, count: number): number {
  let sum = 0
  for (let i = offset; i < offset + count; i++) sum += values[i]!
  return sum / count
}
