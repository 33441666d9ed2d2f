// The part of fft.js (which ships no types) that spectral noise uses.
declare module 'fft.js' {
  class FFT {
    /** @param size a power of two, at least 2 */
    constructor(size: number)
    /** Both arrays hold interleaved real and imaginary parts. */
    inverseTransform(output: number[] | Float64Array, input: number[] | Float64Array): void
  }
  export = FFT
}
