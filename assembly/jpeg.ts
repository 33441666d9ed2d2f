// What JPEG does to a picture, in WebAssembly SIMD: conversion to luma and chroma, chroma at half size, and the way
// back. AssemblyScript, not TypeScript: `npm run wasm` compiles it, with assembly/dct.ts, into
// src/distort/jpeg-wasm.ts. Nothing is allocated here; the caller (src/distort/jpeg.ts) lays out the memory. Sixteen
// pixels are read and written at a time, so behind every buffer are 48 spare bytes.
//
// The arithmetic is libjpeg's: factors with 16 bits of fraction, of which a signed 16-bit number holds those below a
// half. Larger ones come in two parts.

import { pairs, zipHigh, zipLow } from './dct'

export { throughBlocks } from './dct'

const HALF: i32 = 1 << 15
/** The middle of the bytes, and a half that is rounded down. */
const MIDDLE: i32 = (128 << 16) + HALF - 1

/** 0.299, 0.587 (as 0.337 and a quarter) and 0.114 of red, green and blue. */
// @ts-ignore: decorator
@inline
function lumaOf(redGreen: v128, blueGreen: v128): v128 {
  const sum = i32x4.add(
    i32x4.dot_i16x8_s(redGreen, pairs(19595, 22086)),
    i32x4.dot_i16x8_s(blueGreen, pairs(7471, 16384)),
  )
  return i32x4.shr_u(i32x4.add(sum, i32x4.splat(HALF)), 16)
}

/** Half of blue less 0.16874 of red and 0.33126 of green. */
// @ts-ignore: decorator
@inline
function blueOf(redGreen: v128, blueGreen: v128): v128 {
  const less = i32x4.dot_i16x8_s(redGreen, pairs(-11059, -21709))
  const half = i32x4.shr_u(i32x4.shl(blueGreen, 16), 1)
  return i32x4.shr_u(i32x4.add(i32x4.add(less, half), i32x4.splat(MIDDLE)), 16)
}

/** Half of red less 0.41869 of green and 0.08131 of blue. */
// @ts-ignore: decorator
@inline
function redOf(redGreen: v128, blueGreen: v128): v128 {
  const less = i32x4.dot_i16x8_s(blueGreen, pairs(-5329, -27439))
  const half = i32x4.shr_u(i32x4.shl(redGreen, 16), 1)
  return i32x4.shr_u(i32x4.add(i32x4.add(less, half), i32x4.splat(MIDDLE)), 16)
}

/**
 * RGB as luma and chroma.
 * @param source rows of `width` pixels
 * @param wide `width` up to a multiple of 16
 * @param tall `height` up to a multiple of 16
 * @param luma `tall` rows of `wide` bytes, the last pixel and the last row repeated
 * @param blue `height` rows like those of luma; likewise `red`
 */
export function separate(
  source: usize,
  width: i32,
  height: i32,
  wide: i32,
  tall: i32,
  luma: usize,
  blue: usize,
  red: usize,
): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < wide; x += 16) {
      const from = source + <usize>(3 * x)
      const a = v128.load(from)
      const b = v128.load(from, 16)
      const c = v128.load(from, 32)
      // Every third byte of 32, then of the rest.
      const earlyR = i8x16.shuffle(a, b, 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0, 0, 0, 0, 0)
      const earlyG = i8x16.shuffle(a, b, 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 0, 0, 0, 0, 0)
      const earlyB = i8x16.shuffle(a, b, 2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 0, 0, 0, 0, 0, 0)
      const r = i8x16.shuffle(earlyR, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17, 20, 23, 26, 29)
      const g = i8x16.shuffle(earlyG, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 18, 21, 24, 27, 30)
      const l = i8x16.shuffle(earlyB, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 19, 22, 25, 28, 31)
      const lowR = i16x8.extend_low_i8x16_u(r)
      const lowG = i16x8.extend_low_i8x16_u(g)
      const lowB = i16x8.extend_low_i8x16_u(l)
      const highR = i16x8.extend_high_i8x16_u(r)
      const highG = i16x8.extend_high_i8x16_u(g)
      const highB = i16x8.extend_high_i8x16_u(l)
      const rg0 = zipLow(lowR, lowG)
      const rg1 = zipHigh(lowR, lowG)
      const rg2 = zipLow(highR, highG)
      const rg3 = zipHigh(highR, highG)
      const bg0 = zipLow(lowB, lowG)
      const bg1 = zipHigh(lowB, lowG)
      const bg2 = zipLow(highB, highG)
      const bg3 = zipHigh(highB, highG)
      const at = <usize>x
      v128.store(luma + at, bytes(lumaOf(rg0, bg0), lumaOf(rg1, bg1), lumaOf(rg2, bg2), lumaOf(rg3, bg3)))
      v128.store(blue + at, bytes(blueOf(rg0, bg0), blueOf(rg1, bg1), blueOf(rg2, bg2), blueOf(rg3, bg3)))
      v128.store(red + at, bytes(redOf(rg0, bg0), redOf(rg1, bg1), redOf(rg2, bg2), redOf(rg3, bg3)))
    }
    repeatLast(luma, width, wide)
    repeatLast(blue, width, wide)
    repeatLast(red, width, wide)
    source += <usize>(3 * width)
    luma += <usize>wide
    blue += <usize>wide
    red += <usize>wide
  }
  for (let y = height; y < tall; y++) {
    memory.copy(luma, luma - <usize>wide, <usize>wide)
    luma += <usize>wide
  }
}

/** Four vectors of four numbers from 0 to 255 as bytes. */
// @ts-ignore: decorator
@inline
function bytes(a: v128, b: v128, c: v128, d: v128): v128 {
  return i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d))
}

// @ts-ignore: decorator
@inline
function repeatLast(row: usize, width: i32, wide: i32): void {
  memory.fill(row + <usize>width, load<u8>(row + <usize>(width - 1)), <usize>(wide - width))
}

/**
 * Means of 2x2 bytes, halves rounded down and up in turn.
 * @param plane `height` rows of `wide` bytes, a multiple of 16
 * @param target `tall` rows of half as many, the last one repeated; `tall` is at least half of `height`
 */
export function halve(plane: usize, wide: i32, height: i32, target: usize, tall: i32): void {
  const width = <usize>(wide >> 1)
  const rounding = pairs(1, 2)
  const rows = (height + 1) >> 1
  for (let y = 0; y < rows; y++) {
    const upper = plane + <usize>(2 * y * wide)
    const lower = 2 * y + 1 < height ? upper + <usize>wide : upper
    for (let x: usize = 0; x < width; x += 8) {
      const above = i16x8.extadd_pairwise_i8x16_u(v128.load(upper + 2 * x))
      const below = i16x8.extadd_pairwise_i8x16_u(v128.load(lower + 2 * x))
      const mean = i16x8.shr_u(i16x8.add(i16x8.add(above, below), rounding), 2)
      v128.store64_lane(target + x, i8x16.narrow_i16x8_u(mean, mean), 0)
    }
    target += width
  }
  for (let y = rows; y < tall; y++) {
    memory.copy(target, target - width, width)
    target += width
  }
}

/**
 * RGB again; the chroma is enlarged by the triangle filter of libjpeg's default decoder.
 * @param luma rows of `wide` bytes, a multiple of 16
 * @param blue rows of half as many; likewise `red`
 * @param sums room for two rows of `wide` 16-bit numbers and 64 bytes, one behind the other
 * @param target rows of `width` pixels
 */
export function join(
  luma: usize,
  blue: usize,
  red: usize,
  wide: i32,
  width: i32,
  height: i32,
  sums: usize,
  target: usize,
): void {
  const halfWide = wide >> 1
  const columns = (width + 1) >> 1
  const rows = (height + 1) >> 1
  const blueSums = sums + 32
  const redSums = blueSums + <usize>(2 * wide + 64)
  for (let y = 0; y < height; y++) {
    const near = y >> 1
    const far = min(rows - 1, max(0, near + (y & 1 ? 1 : -1)))
    addRows(blue, near * halfWide, far * halfWide, columns, blueSums)
    addRows(red, near * halfWide, far * halfWide, columns, redSums)
    for (let x = 0; x < width; x += 16) {
      const light = v128.load(luma + <usize>x)
      const blueAt = blueSums + <usize>x
      const redAt = redSums + <usize>x
      const blueEven = between(blueAt, -2, 8)
      const blueOdd = between(blueAt, 2, 7)
      const redEven = between(redAt, -2, 8)
      const redOdd = between(redAt, 2, 7)
      const lowLight = i16x8.extend_low_i8x16_u(light)
      const highLight = i16x8.extend_high_i8x16_u(light)
      const lowBlue = zipLow(blueEven, blueOdd)
      const highBlue = zipHigh(blueEven, blueOdd)
      const lowRed = zipLow(redEven, redOdd)
      const highRed = zipHigh(redEven, redOdd)
      const r = i8x16.narrow_i16x8_u(redFrom(lowLight, lowRed), redFrom(highLight, highRed))
      const g = i8x16.narrow_i16x8_u(
        greenFrom(lowLight, lowBlue, lowRed),
        greenFrom(highLight, highBlue, highRed),
      )
      const b = i8x16.narrow_i16x8_u(blueFrom(lowLight, lowBlue), blueFrom(highLight, highBlue))
      // Red and green in turn, then blue between them.
      const to = target + <usize>(3 * x)
      const early = i8x16.shuffle(r, g, 0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5)
      const middle = i8x16.shuffle(r, g, 21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10, 26)
      const late = i8x16.shuffle(r, g, 0, 11, 27, 0, 12, 28, 0, 13, 29, 0, 14, 30, 0, 15, 31, 0)
      v128.store(to, i8x16.shuffle(early, b, 0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15))
      v128.store(to, i8x16.shuffle(middle, b, 0, 21, 2, 3, 22, 5, 6, 23, 8, 9, 24, 11, 12, 25, 14, 15), 16)
      v128.store(to, i8x16.shuffle(late, b, 26, 1, 2, 27, 4, 5, 28, 7, 8, 29, 10, 11, 30, 13, 14, 31), 32)
    }
    luma += <usize>wide
    target += <usize>(3 * width)
  }
}

/** Three parts of a row and one of another, with a copy of the first and of the last number outside. */
// @ts-ignore: decorator
@inline
function addRows(plane: usize, near: i32, far: i32, columns: i32, sums: usize): void {
  const three = i16x8.splat(3)
  for (let x = 0; x < columns; x += 8) {
    const nearest = v128.load64_zero(plane + <usize>(near + x))
    const farther = v128.load64_zero(plane + <usize>(far + x))
    const weighted = i16x8.mul(i16x8.extend_low_i8x16_u(nearest), three)
    v128.store(sums + <usize>(2 * x), i16x8.add(weighted, i16x8.extend_low_i8x16_u(farther)))
  }
  store<i16>(sums - 2, load<i16>(sums))
  store<i16>(sums + <usize>(2 * columns), load<i16>(sums + <usize>(2 * columns - 2)))
}

/** Three parts of eight sums and one of those beside them, as numbers about 0. */
// @ts-ignore: decorator
@inline
function between(at: usize, side: i32, rounding: i16): v128 {
  const here = i16x8.mul(v128.load(at), i16x8.splat(3))
  const sum = i16x8.add(i16x8.add(here, v128.load(at + <usize>side)), i16x8.splat(rounding))
  return i16x8.sub(i16x8.shr_u(sum, 4), i16x8.splat(128))
}

/** `factor / 65536` of eight numbers, rounded. */
// @ts-ignore: decorator
@inline
function share(values: v128, factor: i16): v128 {
  const half = i32x4.splat(HALF)
  const factors = i16x8.splat(factor)
  const low = i32x4.add(i32x4.extmul_low_i16x8_s(values, factors), half)
  const high = i32x4.add(i32x4.extmul_high_i16x8_s(values, factors), half)
  return i16x8.narrow_i32x4_s(i32x4.shr_s(low, 16), i32x4.shr_s(high, 16))
}

/** Luma and 1.402 of red. */
// @ts-ignore: decorator
@inline
function redFrom(light: v128, red: v128): v128 {
  return i16x8.add(light, i16x8.add(red, share(red, 26345)))
}

/** Luma and 1.772 of blue: twice of it less 0.228. */
// @ts-ignore: decorator
@inline
function blueFrom(light: v128, blue: v128): v128 {
  return i16x8.add(light, i16x8.add(i16x8.shl(blue, 1), share(blue, -14942)))
}

/** Luma less 0.34414 of blue and 0.71414 of red: less red, and 0.28586 of it again. */
// @ts-ignore: decorator
@inline
function greenFrom(light: v128, blue: v128, red: v128): v128 {
  const half = i32x4.splat(HALF)
  const factors = pairs(-22554, 18734)
  const low = i32x4.add(i32x4.dot_i16x8_s(zipLow(blue, red), factors), half)
  const high = i32x4.add(i32x4.dot_i16x8_s(zipHigh(blue, red), factors), half)
  const rest = i16x8.narrow_i32x4_s(i32x4.shr_s(low, 16), i32x4.shr_s(high, 16))
  return i16x8.add(light, i16x8.sub(rest, red))
}
