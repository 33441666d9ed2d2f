// Damaged files for fuzzing the readers: bytes flipped, set, cut, doubled, spliced. Seeded, so that a failure
// can be had again.

import { Random } from '../../src/tensor/random.ts'

const telling = [0, 1, 0x7f, 0x80, 0xff, 0x27, 0x28, 0x2d, 0x39]

/** `count` mutations of files drawn from `sources`; a mutation never changes its source. */
export function* mutate(sources: readonly Uint8Array[], count: number, seed: number): Generator<Uint8Array> {
  const random = new Random(seed)
  for (let i = 0; i < count; i++) {
    let bytes: Uint8Array = sources[random.integer(sources.length)]!.slice()
    for (let edits = 1 + random.integer(4); edits > 0; edits--) bytes = edited(bytes, sources, random)
    yield bytes
  }
}

function edited(bytes: Uint8Array, sources: readonly Uint8Array[], random: Random): Uint8Array {
  // Most faults hide in headers, so most edits go there.
  const place =
    random.integer(4) === 0 ? random.integer(bytes.length) : random.integer(Math.min(bytes.length, 160))
  switch (random.integer(6)) {
    case 0:
      bytes[place]! ^= 1 << random.integer(8)
      return bytes
    case 1:
      bytes[place] = telling[random.integer(telling.length)]!
      return bytes
    case 2:
      bytes[place] = random.integer(256)
      return bytes
    case 3:
      return bytes.subarray(0, place)
    case 4:
      return Uint8Array.of(
        ...bytes.subarray(0, place),
        ...bytes.subarray(Math.max(0, place - 1 - random.integer(8))),
      )
    default: {
      const other = sources[random.integer(sources.length)]!
      return Uint8Array.of(...bytes.subarray(0, place), ...other.subarray(random.integer(other.length)))
    }
  }
}
