// The discrete Fourier transform in two dimensions, of any size: pictures are 224 pixels wide more often than 256.

/** Complex values `[height, width]`. */
export interface Spectrum {
  readonly height: number
  readonly width: number
  readonly real: Float64Array
  readonly imaginary: Float64Array
}

/** The transform, in place. The inverse divides by the number of values. */
export function transform2d({ height, width, real, imaginary }: Spectrum, inverse = false): void {
  for (let y = 0; y < height; y++) transformLine(real, imaginary, y * width, 1, width, inverse)
  for (let x = 0; x < width; x++) transformLine(real, imaginary, x, width, height, inverse)
  if (!inverse) return
  for (let i = 0; i < real.length; i++) {
    real[i]! /= real.length
    imaginary[i]! /= real.length
  }
}

/** `size` values from `start` on, `step` apart, in place. */
function transformLine(
  real: Float64Array,
  imaginary: Float64Array,
  start: number,
  step: number,
  size: number,
  inverse: boolean,
): void {
  const from = { real: new Float64Array(size), imaginary: new Float64Array(size) }
  for (let i = 0, at = start; i < size; i++, at += step) {
    from.real[i] = real[at]!
    from.imaginary[i] = imaginary[at]!
  }
  const to = fft(from.real, from.imaginary, inverse ? 1 : -1)
  for (let i = 0, at = start; i < size; i++, at += step) {
    real[at] = to.real[i]!
    imaginary[at] = to.imaginary[i]!
  }
}

interface Line {
  readonly real: Float64Array
  readonly imaginary: Float64Array
}

/** Cooley & Tukey (1965), splitting off the smallest prime factor each time. */
function fft(real: Float64Array, imaginary: Float64Array, sign: number): Line {
  const size = real.length
  if (size === 1) return { real, imaginary }
  let radix = 2
  while (size % radix !== 0) radix++
  const rest = size / radix
  const parts = Array.from({ length: radix }, (_, offset) => {
    const pick = (values: Float64Array) =>
      Float64Array.from({ length: rest }, (__, i) => values[i * radix + offset]!)
    return fft(pick(real), pick(imaginary), sign)
  })
  const out = { real: new Float64Array(size), imaginary: new Float64Array(size) }
  const turn = (sign * 2 * Math.PI) / size
  for (let k = 0; k < size; k++) {
    let [sumReal, sumImaginary] = [0, 0]
    for (let offset = 0; offset < radix; offset++) {
      const angle = turn * ((k * offset) % size)
      const [cosine, sine] = [Math.cos(angle), Math.sin(angle)]
      const part = parts[offset]!
      const [a, b] = [part.real[k % rest]!, part.imaginary[k % rest]!]
      sumReal += a * cosine - b * sine
      sumImaginary += a * sine + b * cosine
    }
    out.real[k] = sumReal
    out.imaginary[k] = sumImaginary
  }
  return out
}
