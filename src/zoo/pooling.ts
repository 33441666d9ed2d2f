// Adaptive pooling as a matrix, for sizes whose windows overlap unevenly (GoogLeNet's auxiliary heads: 14 to 4).

/**
 * Row-major `[out, size]`: row i holds 1/length over the window floor(i size/out) to ceil((i+1) size/out).
 * `averagingMatrix(4, 2)` is `[.5, .5, 0, 0, 0, 0, .5, .5]`.
 */
export function averagingMatrix(size: number, out: number): Float32Array {
  const matrix = new Float32Array(out * size)
  for (let i = 0; i < out; i++) {
    const start = Math.floor((i * size) / out)
    const end = Math.ceil(((i + 1) * size) / out)
    matrix.fill(1 / (end - start), i * size + start, i * size + end)
  }
  return matrix
}
