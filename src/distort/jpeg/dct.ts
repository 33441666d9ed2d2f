// The integer DCT of 8x8 blocks that JPEG codecs use by default (Loeffler, Ligtenberg & Moschytz 1989, with 13 bits of
// fraction), forward and inverse. It has to be this one: each approximation rounds differently, and JPEGs of low
// quality amplify that to visible levels.

const BITS = 13
/** Bits of fraction that are kept between the passes. */
const KEPT = 2

const fixed = (value: number) => Math.round(value * (1 << BITS))
const f0298 = fixed(0.298631336)
const f0390 = fixed(0.390180644)
const f0541 = fixed(0.5411961)
const f0765 = fixed(0.765366865)
const f0899 = fixed(0.899976223)
const f1175 = fixed(1.175875602)
const f1501 = fixed(1.50132111)
const f1847 = fixed(1.847759065)
const f1961 = fixed(1.96157056)
const f2053 = fixed(2.053119869)
const f2562 = fixed(2.562915447)
const f3072 = fixed(3.072711026)

/** Eight times the DCT of `block` (64 values from -128 to 127), in place. */
export function forwardDct(block: Int32Array): void {
  for (let row = 0; row < 64; row += 8) forwardLine(block, row, 1, BITS - KEPT, true)
  for (let column = 0; column < 8; column++) forwardLine(block, column, 8, BITS + KEPT, false)
}

function forwardLine(block: Int32Array, at: number, step: number, shift: number, first: boolean): void {
  const half = 1 << (shift - 1)
  const i1 = at + step
  const i2 = i1 + step
  const i3 = i2 + step
  const i4 = i3 + step
  const i5 = i4 + step
  const i6 = i5 + step
  const i7 = i6 + step
  const s07 = block[at]! + block[i7]!
  const s16 = block[i1]! + block[i6]!
  const s25 = block[i2]! + block[i5]!
  const s34 = block[i3]! + block[i4]!
  const d07 = block[at]! - block[i7]!
  const d16 = block[i1]! - block[i6]!
  const d25 = block[i2]! - block[i5]!
  const d34 = block[i3]! - block[i4]!

  const outer = s07 + s34
  const inner = s16 + s25
  block[at] = first ? (outer + inner) << KEPT : (outer + inner + 2) >> KEPT
  block[i4] = first ? (outer - inner) << KEPT : (outer - inner + 2) >> KEPT
  const across = s07 - s34
  const between = s16 - s25
  const turned = Math.imul(across + between, f0541)
  block[i2] = (turned + Math.imul(across, f0765) + half) >> shift
  block[i6] = (turned - Math.imul(between, f1847) + half) >> shift

  const z5 = Math.imul(d34 + d16 + d25 + d07, f1175)
  const z1 = Math.imul(d34 + d07, -f0899)
  const z2 = Math.imul(d25 + d16, -f2562)
  const z3 = Math.imul(d34 + d16, -f1961) + z5
  const z4 = Math.imul(d25 + d07, -f0390) + z5
  block[i7] = (Math.imul(d34, f0298) + z1 + z3 + half) >> shift
  block[i5] = (Math.imul(d25, f2053) + z2 + z4 + half) >> shift
  block[i3] = (Math.imul(d16, f3072) + z2 + z3 + half) >> shift
  block[i1] = (Math.imul(d07, f1501) + z1 + z4 + half) >> shift
}

/** The block whose DCT `block` holds, in place; not yet limited to bytes. */
export function inverseDct(block: Int32Array): void {
  for (let column = 0; column < 8; column++) {
    const rest =
      block[column + 8]! |
      block[column + 16]! |
      block[column + 24]! |
      block[column + 32]! |
      block[column + 40]! |
      block[column + 48]! |
      block[column + 56]!
    if (rest === 0) {
      const level = block[column]! << KEPT
      for (let i = column; i < 64; i += 8) block[i] = level
    } else inverseLine(block, column, 8, BITS - KEPT)
  }
  for (let row = 0; row < 64; row += 8) inverseLine(block, row, 1, BITS + KEPT + 3)
}

function inverseLine(block: Int32Array, at: number, step: number, shift: number): void {
  const half = 1 << (shift - 1)
  const i1 = at + step
  const i2 = i1 + step
  const i3 = i2 + step
  const i4 = i3 + step
  const i5 = i4 + step
  const i6 = i5 + step
  const i7 = i6 + step
  const c2 = block[i2]!
  const c6 = block[i6]!
  const turned = Math.imul(c2 + c6, f0541)
  const low = turned - Math.imul(c6, f1847)
  const high = turned + Math.imul(c2, f0765)
  const sum = (block[at]! + block[i4]!) << BITS
  const difference = (block[at]! - block[i4]!) << BITS
  const e0 = sum + high + half
  const e3 = sum - high + half
  const e1 = difference + low + half
  const e2 = difference - low + half

  const c7 = block[i7]!
  const c5 = block[i5]!
  const c3 = block[i3]!
  const c1 = block[i1]!
  const z5 = Math.imul(c7 + c3 + c5 + c1, f1175)
  const z1 = Math.imul(c7 + c1, -f0899)
  const z2 = Math.imul(c5 + c3, -f2562)
  const z3 = Math.imul(c7 + c3, -f1961) + z5
  const z4 = Math.imul(c5 + c1, -f0390) + z5
  const o0 = Math.imul(c7, f0298) + z1 + z3
  const o1 = Math.imul(c5, f2053) + z2 + z4
  const o2 = Math.imul(c3, f3072) + z2 + z3
  const o3 = Math.imul(c1, f1501) + z1 + z4
  block[at] = (e0 + o3) >> shift
  block[i7] = (e0 - o3) >> shift
  block[i1] = (e1 + o2) >> shift
  block[i6] = (e1 - o2) >> shift
  block[i2] = (e2 + o1) >> shift
  block[i5] = (e2 - o1) >> shift
  block[i3] = (e3 + o0) >> shift
  block[i4] = (e3 - o0) >> shift
}
