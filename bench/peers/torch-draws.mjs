// The random numbers that fra31/auto-attack's Square Attack draws from PyTorch, for ours: with the same numbers two
// random searches can be compared image by image, not only by how many images fall.

import { Random } from '../../dist/tensor/random.js'

const [WORDS, SHIFT] = [624, 397]

/** `torch.rand` on the CPU after `torch.manual_seed(seed)`: MT19937, 24 bits of each word. */
class TorchRand {
  at = WORDS
  state = new Uint32Array(WORDS)

  constructor(seed) {
    this.state[0] = seed
    for (let i = 1; i < WORDS; i++) {
      const before = this.state[i - 1]
      this.state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i
    }
  }

  /** Uniform in [0, 1). */
  draw() {
    if (this.at === WORDS) this.turn()
    let word = this.state[this.at++]
    word ^= word >>> 11
    word ^= (word << 7) & 0x9d2c5680
    word ^= (word << 15) & 0xefc60000
    word ^= word >>> 18
    return (word & 0xffffff) / 2 ** 24
  }

  turn() {
    const { state } = this
    for (let i = 0; i < WORDS; i++) {
      const joined = (state[i] & 0x80000000) | (state[(i + 1) % WORDS] & 0x7fffffff)
      state[i] = state[(i + SHIFT) % WORDS] ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0)
    }
    this.at = 0
  }
}

/** The numbers of one image, as `src/attack/square-moves.ts` asks for them. */
class Draws extends Random {
  constructor(numbers) {
    super(0)
    this.numbers = numbers
  }

  uniform() {
    return this.numbers.next().value
  }

  integer(n) {
    return Math.floor(Math.fround(n * this.uniform()))
  }

  uint32() {
    return this.uniform() * 2 ** 32
  }
}

/**
 * Stands in for the `Random` of a Square Attack with one restart on a batch of which the network classifies `count`
 * images correctly. There the windows of a proposal, and in Linf its signs, are the same for all images; in L2 each
 * image that still stands draws signs of its own, in order. So the numbers stay the same as long as the same images
 * stand on both sides.
 */
export function squareDraws(seed, { norm, count, shape: [channels, height, width] }) {
  const torch = new TorchRand(seed)
  const some = n => Array.from({ length: n }, () => torch.draw())
  const starts = Array.from({ length: count }, () => [])
  if (norm === 'Linf') {
    for (const start of starts) start.push(...some(channels * width))
  } else {
    const side = Math.floor(height / 5)
    for (let tile = 0; tile < Math.floor(height / side) * Math.floor(width / side); tile++) {
      const turned = torch.draw()
      for (const start of starts) start.push(turned, ...some(channels))
    }
  }
  const [common, own] = norm === 'Linf' ? [2 + channels, 0] : [5, channels]
  const proposals = []
  function* numbers(start) {
    yield* start
    for (let k = 0; ; k++) {
      proposals[k] ??= some(common)
      yield* proposals[k]
      for (let c = 0; c < own; c++) yield torch.draw()
    }
  }
  const images = starts.values()
  return { fork: () => new Draws(numbers(images.next().value)) }
}
