// The two passes of a resize in WebAssembly SIMD, where nearly all of its time goes. AssemblyScript, not
// TypeScript: `npm run wasm` compiles it into src/image/averaging-wasm.ts. Nothing is allocated here; the caller
// (src/image/averaging.ts) lays out the memory and leaves 16 spare bytes behind every buffer, since whole vectors are read
// and written.
//
// Pillow's weights have 22 fractional bits, too many for the 16-bit products that SIMD is fast at. So a weight w
// comes as two halves, high = w >> 11 and low = w & 2047, each multiplied by itself: w p = (high p << 11) + low p.
// Sums wrap at 32 bits, as Pillow's do. Two taps share an i32: the even tap's half below, the odd tap's above.

const PRECISION: i32 = 22
const HALF: i32 = 1 << (PRECISION - 1)
const SPLIT: i32 = 11

/** Sums in fixed point to bytes, clipped to 0..255; four numbers in each of four vectors. */
// @ts-ignore: decorator
@inline
function toBytes(a: v128, b: v128, c: v128, d: v128): v128 {
  const low = i16x8.narrow_i32x4_s(i32x4.shr_s(a, PRECISION), i32x4.shr_s(b, PRECISION))
  const high = i16x8.narrow_i32x4_s(i32x4.shr_s(c, PRECISION), i32x4.shr_s(d, PRECISION))
  return i8x16.narrow_i16x8_u(low, high)
}

/**
 * Averages RGB pixels along rows.
 * @param source `rows` rows of `sourceBytes` bytes
 * @param starts first source byte of each output pixel (i32)
 * @param weights per output pixel and four taps: high of taps 0 1, high of 2 3, low of 0 1, low of 2 3 (i32 each)
 * @param fours groups of four taps per output pixel
 * @param target `rows` rows of `width` pixels
 */
export function horizontalRgb(
  source: usize,
  sourceBytes: usize,
  rows: i32,
  starts: usize,
  weights: usize,
  fours: i32,
  target: usize,
  width: i32,
): void {
  const zero = i32x4.splat(0)
  const half = i32x4.splat(HALF)
  let out = target
  for (let y = 0; y < rows; y++) {
    let weight = weights
    for (let x = 0; x < width; x++) {
      let from = source + <usize>load<i32>(starts + (<usize>x << 2))
      let high = zero
      let low = half
      for (let k = 0; k < fours; k++) {
        const taps = v128.load(from)
        // R0 R1 G0 G1 B0 B1 as 16-bit numbers; indices of 16 and more take zeros.
        const first = i8x16.shuffle(taps, zero, 0, 16, 3, 16, 1, 16, 4, 16, 2, 16, 5, 16, 16, 16, 16, 16)
        const second = i8x16.shuffle(taps, zero, 6, 16, 9, 16, 7, 16, 10, 16, 8, 16, 11, 16, 16, 16, 16, 16)
        high = i32x4.add(high, i32x4.dot_i16x8_s(first, v128.load32_splat(weight)))
        high = i32x4.add(high, i32x4.dot_i16x8_s(second, v128.load32_splat(weight, 4)))
        low = i32x4.add(low, i32x4.dot_i16x8_s(first, v128.load32_splat(weight, 8)))
        low = i32x4.add(low, i32x4.dot_i16x8_s(second, v128.load32_splat(weight, 12)))
        from += 12
        weight += 16
      }
      const sum = i32x4.add(low, i32x4.shl(high, SPLIT))
      v128.store32_lane(out, toBytes(sum, zero, zero, zero), 0)
      out += 3
    }
    source += sourceBytes
  }
}

/** The same for grey pixels. */
export function horizontalGrey(
  source: usize,
  sourceBytes: usize,
  rows: i32,
  starts: usize,
  weights: usize,
  fours: i32,
  target: usize,
  width: i32,
): void {
  const zero = i32x4.splat(0)
  let out = target
  for (let y = 0; y < rows; y++) {
    let weight = weights
    for (let x = 0; x < width; x++) {
      let from = source + <usize>load<i32>(starts + (<usize>x << 2))
      let high = zero
      let low = zero
      for (let k = 0; k < fours; k++) {
        const taps = i16x8.extend_low_i8x16_u(v128.load32_zero(from))
        high = i32x4.add(high, i32x4.dot_i16x8_s(taps, v128.load64_zero(weight)))
        low = i32x4.add(low, i32x4.dot_i16x8_s(taps, v128.load64_zero(weight, 8)))
        from += 4
        weight += 16
      }
      const sums = i32x4.add(low, i32x4.shl(high, SPLIT))
      const sum = i32x4.splat(HALF + i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1))
      store<u8>(out, <u8>i8x16.extract_lane_u(toBytes(sum, zero, zero, zero), 0))
      out += 1
    }
    source += sourceBytes
  }
}

/**
 * Averages along columns: each of `height` output rows of `rowBytes` bytes.
 * @param source rows of `rowBytes` bytes
 * @param starts first source row of each output row (i32)
 * @param weights per output row and four taps, as in {@link horizontalRgb}
 * @param fours groups of four taps per output row
 */
export function vertical(
  source: usize,
  rowBytes: usize,
  starts: usize,
  weights: usize,
  fours: i32,
  target: usize,
  height: i32,
): void {
  const half = i32x4.splat(HALF)
  const zero = i32x4.splat(0)
  for (let y = 0; y < height; y++) {
    const first = source + <usize>load<i32>(starts + (<usize>y << 2)) * rowBytes
    for (let at: usize = 0; at < rowBytes; at += 16) {
      let from = first + at
      let weight = weights
      let highA = zero
      let highB = zero
      let highC = zero
      let highD = zero
      let lowA = half
      let lowB = half
      let lowC = half
      let lowD = half
      for (let k = 0; k < fours; k++) {
        for (let pair = 0; pair < 2; pair++) {
          const even = v128.load(from)
          const odd = v128.load(from + rowBytes)
          const near = i8x16.shuffle(even, odd, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
          const far = i8x16.shuffle(even, odd, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
          const a = i16x8.extend_low_i8x16_u(near)
          const b = i16x8.extend_high_i8x16_u(near)
          const c = i16x8.extend_low_i8x16_u(far)
          const d = i16x8.extend_high_i8x16_u(far)
          const high = v128.load32_splat(weight)
          const low = v128.load32_splat(weight, 8)
          highA = i32x4.add(highA, i32x4.dot_i16x8_s(a, high))
          highB = i32x4.add(highB, i32x4.dot_i16x8_s(b, high))
          highC = i32x4.add(highC, i32x4.dot_i16x8_s(c, high))
          highD = i32x4.add(highD, i32x4.dot_i16x8_s(d, high))
          lowA = i32x4.add(lowA, i32x4.dot_i16x8_s(a, low))
          lowB = i32x4.add(lowB, i32x4.dot_i16x8_s(b, low))
          lowC = i32x4.add(lowC, i32x4.dot_i16x8_s(c, low))
          lowD = i32x4.add(lowD, i32x4.dot_i16x8_s(d, low))
          from += rowBytes << 1
          weight += 4
        }
        weight += 8
      }
      const bytes = toBytes(
        i32x4.add(lowA, i32x4.shl(highA, SPLIT)),
        i32x4.add(lowB, i32x4.shl(highB, SPLIT)),
        i32x4.add(lowC, i32x4.shl(highC, SPLIT)),
        i32x4.add(lowD, i32x4.shl(highD, SPLIT)),
      )
      v128.store(target + at, bytes)
    }
    target += rowBytes
    weights += <usize>fours << 4
  }
}
