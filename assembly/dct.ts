// Blocks of 8x8 bytes by way of their quantised DCT, in WebAssembly SIMD; part of assembly/jpeg.ts.
//
// The transform is the integer one that JPEG codecs use by default (Loeffler, Ligtenberg & Moschytz 1989, with 13 bits
// of fraction). It has to be this one: each approximation rounds differently, and JPEGs of low quality amplify that
// to visible levels. A block is eight vectors of eight 16-bit numbers. A pass works on all its columns at once; rows are
// transformed by way of a transposition. Products of pairs are summed in 32 bits, so nothing overflows: of bytes, the
// sums of the last pass lie between -32768 and 32512, and quantised by at most 255 the inverse stays below 23200.

const BITS: i32 = 13
/** Bits of fraction that are kept between the passes. */
const KEPT: i32 = 2

// Products of cosines, times 2^13.
const F0298: i32 = 2446
const F0390: i32 = 3196
const F0541: i32 = 4433
const F0765: i32 = 6270
const F0899: i32 = 7373
const F1175: i32 = 9633
const F1501: i32 = 12299
const F1847: i32 = 15137
const F1961: i32 = 16069
const F2053: i32 = 16819
const F2562: i32 = 20995
const F3072: i32 = 25172

/** The vector a b a b a b a b of 16-bit numbers. */
// @ts-ignore: decorator
@inline
export function pairs(a: i32, b: i32): v128 {
  return i32x4.splat((a & 0xffff) | (b << 16))
}

/** The lower four numbers of two vectors in turn. */
// @ts-ignore: decorator
@inline
export function zipLow(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
}

/** The upper four. */
// @ts-ignore: decorator
@inline
export function zipHigh(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
}

/** Sums of two pairs of products. */
// @ts-ignore: decorator
@inline
function products(a: v128, weightsOfA: v128, b: v128, weightsOfB: v128): v128 {
  return i32x4.add(i32x4.dot_i16x8_s(a, weightsOfA), i32x4.dot_i16x8_s(b, weightsOfB))
}

/** Two halves of a vector, less `shift` bits of fraction, rounded. */
// @ts-ignore: decorator
@inline
function rounded(low: v128, high: v128, shift: i32): v128 {
  const half = i32x4.splat(1 << (shift - 1))
  return i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(low, half), shift),
    i32x4.shr_s(i32x4.add(high, half), shift),
  )
}

// The even part of both directions takes two numbers (b, a), the odd part four (d, c, b, a): as pairs x = (d, a),
// y = (c, b) and their sums z = (d + b, c + a).

// @ts-ignore: decorator
@inline
function even2(pair: v128): v128 {
  return i32x4.dot_i16x8_s(pair, pairs(F0541 + F0765, F0541))
}

// @ts-ignore: decorator
@inline
function even6(pair: v128): v128 {
  return i32x4.dot_i16x8_s(pair, pairs(F0541, F0541 - F1847))
}

// @ts-ignore: decorator
@inline
function odd1(x: v128, z: v128): v128 {
  return products(x, pairs(-F0899, F1501 - F0899), z, pairs(F1175, F1175 - F0390))
}

// @ts-ignore: decorator
@inline
function odd3(y: v128, z: v128): v128 {
  return products(y, pairs(-F2562, F3072 - F2562), z, pairs(F1175 - F1961, F1175))
}

// @ts-ignore: decorator
@inline
function odd5(y: v128, z: v128): v128 {
  return products(y, pairs(F2053 - F2562, -F2562), z, pairs(F1175, F1175 - F0390))
}

// @ts-ignore: decorator
@inline
function odd7(x: v128, z: v128): v128 {
  return products(x, pairs(F0298 - F0899, -F0899), z, pairs(F1175 - F1961, F1175))
}

/** Rows become columns. */
function transpose(block: usize): void {
  let r0 = v128.load(block)
  let r1 = v128.load(block, 16)
  let r2 = v128.load(block, 32)
  let r3 = v128.load(block, 48)
  let r4 = v128.load(block, 64)
  let r5 = v128.load(block, 80)
  let r6 = v128.load(block, 96)
  let r7 = v128.load(block, 112)
  // Dealing the first half of the rows among the second three times over turns the block.
  for (let round = 0; round < 3; round++) {
    const s0 = zipLow(r0, r4)
    const s1 = zipHigh(r0, r4)
    const s2 = zipLow(r1, r5)
    const s3 = zipHigh(r1, r5)
    const s4 = zipLow(r2, r6)
    const s5 = zipHigh(r2, r6)
    const s6 = zipLow(r3, r7)
    const s7 = zipHigh(r3, r7)
    r0 = s0
    r1 = s1
    r2 = s2
    r3 = s3
    r4 = s4
    r5 = s5
    r6 = s6
    r7 = s7
  }
  v128.store(block, r0)
  v128.store(block, r1, 16)
  v128.store(block, r2, 32)
  v128.store(block, r3, 48)
  v128.store(block, r4, 64)
  v128.store(block, r5, 80)
  v128.store(block, r6, 96)
  v128.store(block, r7, 112)
}

/** The DCT of every column, scaled by the square root of 8; the first of two passes keeps some bits of fraction. */
// @ts-ignore: decorator
@inline
function forward(block: usize, first: bool): void {
  const shift = first ? BITS - KEPT : BITS + KEPT
  const r0 = v128.load(block)
  const r1 = v128.load(block, 16)
  const r2 = v128.load(block, 32)
  const r3 = v128.load(block, 48)
  const r4 = v128.load(block, 64)
  const r5 = v128.load(block, 80)
  const r6 = v128.load(block, 96)
  const r7 = v128.load(block, 112)
  const s07 = i16x8.add(r0, r7)
  const s16 = i16x8.add(r1, r6)
  const s25 = i16x8.add(r2, r5)
  const s34 = i16x8.add(r3, r4)
  const outer = i16x8.add(s07, s34)
  const inner = i16x8.add(s16, s25)
  const sum = i16x8.add(outer, inner)
  const difference = i16x8.sub(outer, inner)
  const half = i16x8.splat(<i16>1 << <i16>(KEPT - 1))
  v128.store(block, first ? i16x8.shl(sum, KEPT) : i16x8.shr_s(i16x8.add(sum, half), KEPT))
  v128.store(block, first ? i16x8.shl(difference, KEPT) : i16x8.shr_s(i16x8.add(difference, half), KEPT), 64)
  const across = i16x8.sub(s07, s34)
  const between = i16x8.sub(s16, s25)
  const evenLow = zipLow(across, between)
  const evenHigh = zipHigh(across, between)
  v128.store(block, rounded(even2(evenLow), even2(evenHigh), shift), 32)
  v128.store(block, rounded(even6(evenLow), even6(evenHigh), shift), 96)

  const d07 = i16x8.sub(r0, r7)
  const d16 = i16x8.sub(r1, r6)
  const d25 = i16x8.sub(r2, r5)
  const d34 = i16x8.sub(r3, r4)
  const z3 = i16x8.add(d34, d16)
  const z4 = i16x8.add(d25, d07)
  const xLow = zipLow(d34, d07)
  const xHigh = zipHigh(d34, d07)
  const yLow = zipLow(d25, d16)
  const yHigh = zipHigh(d25, d16)
  const zLow = zipLow(z3, z4)
  const zHigh = zipHigh(z3, z4)
  v128.store(block, rounded(odd1(xLow, zLow), odd1(xHigh, zHigh), shift), 16)
  v128.store(block, rounded(odd3(yLow, zLow), odd3(yHigh, zHigh), shift), 48)
  v128.store(block, rounded(odd5(yLow, zLow), odd5(yHigh, zHigh), shift), 80)
  v128.store(block, rounded(odd7(xLow, zLow), odd7(xHigh, zHigh), shift), 112)
}

/** The columns whose DCT the block holds. */
// @ts-ignore: decorator
@inline
function inverse(block: usize, shift: i32): void {
  const c0 = v128.load(block)
  const c1 = v128.load(block, 16)
  const c2 = v128.load(block, 32)
  const c3 = v128.load(block, 48)
  const c4 = v128.load(block, 64)
  const c5 = v128.load(block, 80)
  const c6 = v128.load(block, 96)
  const c7 = v128.load(block, 112)
  const sum = i16x8.add(c0, c4)
  const difference = i16x8.sub(c0, c4)
  const sumLow = i32x4.shl(i32x4.extend_low_i16x8_s(sum), BITS)
  const sumHigh = i32x4.shl(i32x4.extend_high_i16x8_s(sum), BITS)
  const differenceLow = i32x4.shl(i32x4.extend_low_i16x8_s(difference), BITS)
  const differenceHigh = i32x4.shl(i32x4.extend_high_i16x8_s(difference), BITS)
  const evenLow = zipLow(c2, c6)
  const evenHigh = zipHigh(c2, c6)
  const z3 = i16x8.add(c7, c3)
  const z4 = i16x8.add(c5, c1)
  const xLow = zipLow(c7, c1)
  const xHigh = zipHigh(c7, c1)
  const yLow = zipLow(c5, c3)
  const yHigh = zipHigh(c5, c3)
  const zLow = zipLow(z3, z4)
  const zHigh = zipHigh(z3, z4)
  const e0Low = i32x4.add(sumLow, even2(evenLow))
  const e0High = i32x4.add(sumHigh, even2(evenHigh))
  const o1Low = odd1(xLow, zLow)
  const o1High = odd1(xHigh, zHigh)
  v128.store(block, rounded(i32x4.add(e0Low, o1Low), i32x4.add(e0High, o1High), shift))
  v128.store(block, rounded(i32x4.sub(e0Low, o1Low), i32x4.sub(e0High, o1High), shift), 112)
  const e1Low = i32x4.add(differenceLow, even6(evenLow))
  const e1High = i32x4.add(differenceHigh, even6(evenHigh))
  const o3Low = odd3(yLow, zLow)
  const o3High = odd3(yHigh, zHigh)
  v128.store(block, rounded(i32x4.add(e1Low, o3Low), i32x4.add(e1High, o3High), shift), 16)
  v128.store(block, rounded(i32x4.sub(e1Low, o3Low), i32x4.sub(e1High, o3High), shift), 96)
  const e2Low = i32x4.sub(differenceLow, even6(evenLow))
  const e2High = i32x4.sub(differenceHigh, even6(evenHigh))
  const o5Low = odd5(yLow, zLow)
  const o5High = odd5(yHigh, zHigh)
  v128.store(block, rounded(i32x4.add(e2Low, o5Low), i32x4.add(e2High, o5High), shift), 32)
  v128.store(block, rounded(i32x4.sub(e2Low, o5Low), i32x4.sub(e2High, o5High), shift), 80)
  const e3Low = i32x4.sub(sumLow, even2(evenLow))
  const e3High = i32x4.sub(sumHigh, even2(evenHigh))
  const o7Low = odd7(xLow, zLow)
  const o7High = odd7(xHigh, zHigh)
  v128.store(block, rounded(i32x4.add(e3Low, o7Low), i32x4.add(e3High, o7High), shift), 48)
  v128.store(block, rounded(i32x4.sub(e3Low, o7Low), i32x4.sub(e3High, o7High), shift), 64)
}

/**
 * Four sizes of coefficients (scaled by 8) in units. Exact: a size and half its unit have 17 bits, and the fraction
 * that keeps the quotient from a whole number is more than a float32 rounds away.
 */
// @ts-ignore: decorator
@inline
function levels(size: v128, units: v128, reciprocals: v128): v128 {
  const numerator = f32x4.convert_i32x4_s(i32x4.add(size, i32x4.shl(units, 2)))
  return i32x4.trunc_sat_f32x4_s(f32x4.mul(f32x4.add(numerator, f32x4.splat(0.5)), reciprocals))
}

/**
 * Rounds coefficients (scaled by 8) to multiples of their units, which are no longer scaled.
 * @returns whether any but the first is left
 */
// @ts-ignore: decorator
@inline
function quantise(block: usize, units: usize, reciprocals: usize): bool {
  // All but the first.
  let counted = i16x8(0, -1, -1, -1, -1, -1, -1, -1)
  let rest = i16x8.splat(0)
  for (let row = 0; row < 8; row++) {
    const coefficients = v128.load(block)
    const sign = i16x8.shr_s(coefficients, 15)
    const size = i16x8.abs(coefficients)
    const unit = v128.load(units)
    const low = levels(
      i32x4.extend_low_i16x8_u(size),
      i32x4.extend_low_i16x8_u(unit),
      v128.load(reciprocals),
    )
    const high = levels(
      i32x4.extend_high_i16x8_u(size),
      i32x4.extend_high_i16x8_u(unit),
      v128.load(reciprocals, 16),
    )
    const level = i16x8.mul(i16x8.narrow_i32x4_s(low, high), unit)
    v128.store(block, i16x8.sub(v128.xor(level, sign), sign))
    rest = v128.or(rest, v128.and(level, counted))
    counted = i16x8.splat(-1)
    block += 16
    units += 16
    reciprocals += 32
  }
  return v128.any_true(rest)
}

/**
 * Every block of a plane by way of its quantised DCT, in place.
 * @param plane `height` rows of `width` bytes, both multiples of 8
 * @param units what coefficients are multiples of, 1 to 255 (64 i16)
 * @param reciprocals 1 / (8 units) (64 f32)
 * @param block 128 bytes to work in
 */
export function throughBlocks(
  plane: usize,
  width: i32,
  height: i32,
  units: usize,
  reciprocals: usize,
  block: usize,
): void {
  const middle = i16x8.splat(128)
  for (let top = 0; top < height; top += 8) {
    for (let left = 0; left < width; left += 8) {
      const start = plane + <usize>(top * width + left)
      for (let y = 0; y < 8; y++) {
        const row = v128.load64_zero(start + <usize>(y * width))
        v128.store(block + (<usize>y << 4), i16x8.sub(i16x8.extend_low_i8x16_u(row), middle))
      }
      transpose(block)
      forward(block, true)
      transpose(block)
      forward(block, false)
      if (quantise(block, units, reciprocals)) {
        inverse(block, BITS - KEPT)
        transpose(block)
        inverse(block, BITS + KEPT + 3)
        transpose(block)
        for (let y = 0; y < 8; y++) {
          const row = i16x8.add(v128.load(block + (<usize>y << 4)), middle)
          v128.store64_lane(start + <usize>(y * width), i8x16.narrow_i16x8_u(row, row), 0)
        }
      } else {
        // Nothing but the mean is left: what the inverse makes of it is the same everywhere.
        const mean = i16x8.splat(<i16>((<i32>load<i16>(block) + 4) >> 3) + 128)
        const row = i8x16.narrow_i16x8_u(mean, mean)
        for (let y = 0; y < 8; y++) v128.store64_lane(start + <usize>(y * width), row, 0)
      }
    }
  }
}
