// Weighted sums of numbers at fixed distances in WebAssembly SIMD: the inner loops of the corruptions' blurs.
// AssemblyScript, not TypeScript: `npm run wasm` compiles it into src/distort/stencil-wasm.ts. Nothing is allocated
// here; the caller (src/distort/stencil.ts) lays out the memory and leaves 64 spare bytes behind every buffer, since
// eight numbers are read and written at a time. Every number is summed term by term in the order given, in 64 bits,
// as a plain loop would: the results are the same to the last bit.

/**
 * Sums of single terms: target[i] = sum over k of weights[k] source[i + offsets[k]].
 * @param source first number of the first row; rows are `stride` bytes apart
 * @param offsets bytes from a number to each of its terms (i32)
 * @param weights one per term (f64)
 * @param terms how many
 * @param target rows of `count` numbers, one behind the other
 */
export function sums(
  source: usize,
  stride: usize,
  rows: i32,
  count: i32,
  offsets: usize,
  weights: usize,
  terms: i32,
  target: usize,
): void {
  for (let y = 0; y < rows; y++) {
    for (let i = 0; i < count; i += 8) {
      const from = source + (<usize>i << 3)
      let a = f64x2.splat(0)
      let b = a
      let c = a
      let d = a
      for (let k = 0; k < terms; k++) {
        const at = from + <usize>load<i32>(offsets + (<usize>k << 2))
        const weight = v128.load64_splat(weights + (<usize>k << 3))
        a = f64x2.add(a, f64x2.mul(weight, v128.load(at)))
        b = f64x2.add(b, f64x2.mul(weight, v128.load(at, 16)))
        c = f64x2.add(c, f64x2.mul(weight, v128.load(at, 32)))
        d = f64x2.add(d, f64x2.mul(weight, v128.load(at, 48)))
      }
      const to = target + (<usize>i << 3)
      v128.store(to, a)
      v128.store(to, b, 16)
      v128.store(to, c, 32)
      v128.store(to, d, 48)
    }
    source += stride
    target += <usize>count << 3
  }
}

/**
 * The same for a symmetric kernel: the first weight counts the number itself, each other weight the sum of the two
 * numbers that lie its offset before and behind.
 */
export function symmetricSums(
  source: usize,
  stride: usize,
  rows: i32,
  count: i32,
  offsets: usize,
  weights: usize,
  terms: i32,
  target: usize,
): void {
  for (let y = 0; y < rows; y++) {
    for (let i = 0; i < count; i += 8) {
      const from = source + (<usize>i << 3)
      const middle = v128.load64_splat(weights)
      let a = f64x2.mul(middle, v128.load(from))
      let b = f64x2.mul(middle, v128.load(from, 16))
      let c = f64x2.mul(middle, v128.load(from, 32))
      let d = f64x2.mul(middle, v128.load(from, 48))
      for (let k = 1; k < terms; k++) {
        const offset = <usize>load<i32>(offsets + (<usize>k << 2))
        const weight = v128.load64_splat(weights + (<usize>k << 3))
        const before = from - offset
        const behind = from + offset
        a = f64x2.add(a, f64x2.mul(f64x2.add(v128.load(before), v128.load(behind)), weight))
        b = f64x2.add(b, f64x2.mul(f64x2.add(v128.load(before, 16), v128.load(behind, 16)), weight))
        c = f64x2.add(c, f64x2.mul(f64x2.add(v128.load(before, 32), v128.load(behind, 32)), weight))
        d = f64x2.add(d, f64x2.mul(f64x2.add(v128.load(before, 48), v128.load(behind, 48)), weight))
      }
      const to = target + (<usize>i << 3)
      v128.store(to, a)
      v128.store(to, b, 16)
      v128.store(to, c, 32)
      v128.store(to, d, 48)
    }
    source += stride
    target += <usize>count << 3
  }
}
