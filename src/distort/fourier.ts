// The discrete Fourier transform in two dimensions, of any size: pictures are 224 pixels wide more often than 256.
// All columns are transformed at once, so that the innermost loops run along rows; rows by way of a transposition.

/** Complex values `[height, width]`. */
export interface Spectrum extends Values {
  readonly height: number
  readonly width: number
}

interface Values {
  readonly real: Float64Array
  readonly imaginary: Float64Array
}

/** The transform, in place. The inverse divides by the number of values. */
export function transform2d(spectrum: Spectrum, inverse = false): void {
  const { height, width } = spectrum
  const size = height * width
  // With real and imaginary parts exchanged, forwards is backwards.
  const values: Values = inverse ? { real: spectrum.imaginary, imaginary: spectrum.real } : spectrum
  const spare: Values = { real: new Float64Array(size), imaginary: new Float64Array(size) }
  const otherThan = (one: Values) => (one === values ? spare : values)

  const down = transformColumns(values, spare, height, width)
  const turned = otherThan(down)
  transpose(down, turned, height, width)
  const across = transformColumns(turned, down, width, height)
  const result = otherThan(across)
  transpose(across, result, width, height)
  const scale = inverse ? 1 / size : 1
  for (let i = 0; i < size; i++) {
    values.real[i] = result.real[i]! * scale
    values.imaginary[i] = result.imaginary[i]! * scale
  }
}

/** `from` (`[height, width]`) into `to` (`[width, height]`). */
function transpose(from: Values, to: Values, height: number, width: number): void {
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0, at = y; x < width; x++, i++, at += height) {
      to.real[at] = from.real[i]!
      to.imaginary[at] = from.imaginary[i]!
    }
  }
}

/**
 * Every column of `values` (`[size, count]`), by Stockham's variant of Cooley & Tukey (1965), which needs no
 * permutation: each pass splits a factor off the length and writes to the other buffer.
 * @returns the buffer that holds the result
 */
function transformColumns(values: Values, spare: Values, size: number, count: number): Values {
  const roots = rootsOfUnity(size)
  let [from, to] = [values, spare]
  for (let length = size, inner = count; length > 1; ) {
    const radix = factorOf(length)
    const pass: Pass = { from, to, roots, step: size / length, parts: length / radix, inner }
    if (radix === 4) quarters(pass)
    else split(pass, radix)
    ;[from, to] = [to, from]
    length /= radix
    inner *= radix
  }
  return from
}

/** 4 while it divides, then the least prime. */
function factorOf(length: number): number {
  if (length % 4 === 0) return 4
  for (let factor = 2; factor * factor <= length; factor++) if (length % factor === 0) return factor
  return length
}

/** exp(-2 pi i k / size) for k from 0 to size - 1. */
function rootsOfUnity(size: number): Values {
  const angle = (_: unknown, k: number) => (-2 * Math.PI * k) / size
  const angles = Float64Array.from({ length: size }, angle)
  return { real: angles.map(Math.cos), imaginary: angles.map(Math.sin) }
}

/**
 * One pass over lines of length `radix * parts`, `inner` of them side by side: value j of part p comes from place
 * p + parts j and goes to place radix p + j, in units of `inner` numbers. Roots of the line's length are `step` apart.
 */
interface Pass {
  readonly from: Values
  readonly to: Values
  readonly roots: Values
  readonly step: number
  readonly parts: number
  readonly inner: number
}

/** A pass that splits off any factor. */
function split({ from, to, roots, step, parts, inner }: Pass, radix: number): void {
  const size = roots.real.length
  to.real.fill(0)
  to.imaginary.fill(0)
  for (let part = 0; part < parts; part++) {
    for (let k = 0; k < radix; k++) {
      for (let j = 0; j < radix; j++) {
        const turn = (k * (part + parts * j) * step) % size
        const [c, s] = [roots.real[turn]!, roots.imaginary[turn]!]
        let i = (part + parts * j) * inner
        for (let o = (radix * part + k) * inner, end = o + inner; o < end; o++, i++) {
          const [a, b] = [from.real[i]!, from.imaginary[i]!]
          to.real[o]! += a * c - b * s
          to.imaginary[o]! += a * s + b * c
        }
      }
    }
  }
}

/** A pass that splits off the factor 4, with a quarter of the multiplications. */
function quarters({ from, to, roots, step, parts, inner }: Pass): void {
  const [fr, fi, tr, ti] = [from.real, from.imaginary, to.real, to.imaginary]
  const apart = parts * inner
  for (let part = 0; part < parts; part++) {
    const [c1, s1] = [roots.real[part * step]!, roots.imaginary[part * step]!]
    const [c2, s2] = [roots.real[2 * part * step]!, roots.imaginary[2 * part * step]!]
    const [c3, s3] = [roots.real[3 * part * step]!, roots.imaginary[3 * part * step]!]
    let i0 = part * inner
    for (let o0 = 4 * part * inner, end = o0 + inner; o0 < end; o0++, i0++) {
      const i1 = i0 + apart
      const i2 = i1 + apart
      const i3 = i2 + apart
      const o1 = o0 + inner
      const o2 = o1 + inner
      const o3 = o2 + inner
      const sumReal = fr[i0]! + fr[i2]!
      const sumImaginary = fi[i0]! + fi[i2]!
      const oddReal = fr[i1]! + fr[i3]!
      const oddImaginary = fi[i1]! + fi[i3]!
      const lessReal = fr[i0]! - fr[i2]!
      const lessImaginary = fi[i0]! - fi[i2]!
      // The difference of the odd ones, times -i.
      const turnedReal = fi[i1]! - fi[i3]!
      const turnedImaginary = fr[i3]! - fr[i1]!
      tr[o0] = sumReal + oddReal
      ti[o0] = sumImaginary + oddImaginary
      const [r1, m1] = [lessReal + turnedReal, lessImaginary + turnedImaginary]
      tr[o1] = r1 * c1 - m1 * s1
      ti[o1] = r1 * s1 + m1 * c1
      const [r2, m2] = [sumReal - oddReal, sumImaginary - oddImaginary]
      tr[o2] = r2 * c2 - m2 * s2
      ti[o2] = r2 * s2 + m2 * c2
      const [r3, m3] = [lessReal - turnedReal, lessImaginary - turnedImaginary]
      tr[o3] = r3 * c3 - m3 * s3
      ti[o3] = r3 * s3 + m3 * c3
    }
  }
}
