// Enlarging about the centre by linear interpolation, as SciPy's `zoom` places its samples.

/** Where each sample of an enlarged line is read: between `index` and the next, at `fraction`; -1 is outside. */
export interface ZoomLine {
  readonly length: number
  readonly index: Int32Array
  readonly fraction: Float64Array
}

/** The line for the middle part of `size` pixels that `factor` enlarges to at least `size`. */
export function zoomLine(size: number, factor: number): ZoomLine {
  const kept = Math.ceil(size / factor)
  const start = Math.floor((size - kept) / 2)
  const length = roundHalfEven(kept * factor)
  const step = length > 1 ? (kept - 1) / (length - 1) : 1
  const index = new Int32Array(length)
  const fraction = new Float64Array(length)
  for (let i = 0; i < length; i++) {
    const at = i * step
    // SciPy counts a sample that rounding puts behind the last pixel as outside, where all is 0.
    const inside = at <= kept - 1
    const floor = Math.min(Math.floor(at), kept - 2)
    index[i] = inside ? start + Math.max(0, floor) : -1
    fraction[i] = kept > 1 ? at - floor : 0
  }
  return { length, index, fraction }
}

/** The nearest whole number, halves to the even one, as NumPy rounds. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  return value - floor === 0.5 ? floor + (floor % 2) : Math.round(value)
}
