// Seeded randomness. Every random draw of the product comes from a Random that was passed in, so that the
// same seed gives the same bytes. Generator: xoshiro128** (Blackman & Vigna 2018), seeded through splitmix32.

/** A stream of random numbers; stateful, so whoever shares one shares its order of draws. */
export class Random {
  // Signed 32-bit integers from the first on, and a spare that is always a float: otherwise engines box them, and a
  // draw takes half as long again.
  private a = 0
  private b = 0
  private c = 0
  private d = 0
  /** The second normal number of a pair; NaN when there is none. */
  private spare = Number.NaN

  /** @param seed any integer; its low 32 bits and, for larger ones, its high bits are used. */
  constructor(seed: number) {
    let state = (seed ^ Math.floor(seed / 2 ** 32)) >>> 0
    const next = () => {
      state = (state + 0x9e3779b9) >>> 0
      let z = state
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
      return z ^ (z >>> 15)
    }
    this.a = next()
    this.b = next()
    this.c = next()
    this.d = next() | 1
  }

  /** An independent stream for `purpose`: the same (seed, purpose) always gives the same stream. */
  fork(purpose: string): Random {
    let hash = 2166136261
    for (let i = 0; i < purpose.length; i++) hash = Math.imul(hash ^ purpose.charCodeAt(i), 16777619)
    const child = new Random((hash ^ this.a) >>> 0)
    child.b ^= this.b
    child.c ^= this.c
    child.d = (child.d ^ this.d) | 1
    for (let i = 0; i < 8; i++) child.uint32()
    return child
  }

  /** Uniform 32-bit unsigned integer. */
  uint32(): number {
    const times5 = Math.imul(this.b, 5)
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9) >>> 0
    const t = this.b << 9
    this.c ^= this.a
    this.d ^= this.b
    this.b ^= this.c
    this.a ^= this.d
    this.c ^= t
    this.d = (this.d << 11) | (this.d >>> 21)
    return result
  }

  /** Uniform in [low, high), 32 bits of resolution. */
  uniform(low = 0, high = 1): number {
    return low + (this.uint32() / 4294967296) * (high - low)
  }

  /** Uniform integer in [0, n). */
  integer(n: number): number {
    return Math.floor(this.uniform() * n)
  }

  /** Standard normal (Box–Muller). */
  normal(): number {
    const { spare } = this
    if (!Number.isNaN(spare)) {
      this.spare = Number.NaN
      return spare
    }
    const radius = Math.sqrt(-2 * Math.log((this.uint32() + 1) / 4294967297))
    const angle = 2 * Math.PI * this.uniform()
    this.spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }

  /** A uniformly random order of 0..n-1 (Fisher–Yates). */
  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i)
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      const swap = order[i]!
      order[i] = order[j]!
      order[j] = swap
    }
    return order
  }
}
