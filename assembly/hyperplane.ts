// The nearest point of a hyperplane inside [0, 1] in WebAssembly SIMD, where FAB would spend half its time.
// AssemblyScript, not TypeScript: `npm run wasm` compiles it into src/attack/hyperplane-wasm.ts. Nothing is allocated
// here; the caller (src/attack/hyperplane.ts) lays out the memory. All arrays hold `size` float32, `size` a multiple
// of 4; where a normal is 0, what else stands there does not count.
//
// Sums run in float32 over at most BLOCK vectors and are then added in float64: exact to some 1e-7 of the whole.

const BLOCK: i32 = 64

/** The four numbers added, in float64. */
// @ts-ignore: decorator
@inline
function total(v: v128): f64 {
  return (
    <f64>f32x4.extract_lane(v, 0) +
    <f64>f32x4.extract_lane(v, 1) +
    (<f64>f32x4.extract_lane(v, 2) + <f64>f32x4.extract_lane(v, 3))
  )
}

/** `<normal, a - b>`. */
export function along(normal: usize, a: usize, b: usize, size: i32): f64 {
  let sum: f64 = 0
  const end = <usize>size << 2
  for (let from: usize = 0; from < end; from += BLOCK << 4) {
    const to = min(from + (BLOCK << 4), end)
    let part = f32x4.splat(0)
    for (let i = from; i < to; i += 16) {
      const difference = f32x4.sub(v128.load(a + i), v128.load(b + i))
      part = f32x4.add(part, f32x4.mul(v128.load(normal + i), difference))
    }
    sum += total(part)
  }
  return sum
}

/**
 * Writes the smallest `d` (in L2, or in Linf where `linf` is 1) with `<normal, d> = -gap` and `point + d` in [0, 1].
 * @param flat normals up to this size count as 0
 * @param rate of coordinates, scratch
 * @returns the norm of `d`
 */
export function project(
  linf: i32,
  point: usize,
  normal: usize,
  gap: f64,
  flat: f32,
  rate: usize,
  d: usize,
  size: i32,
): f64 {
  const end = <usize>size << 2
  const one = f32x4.splat(1)
  const zero = f32x4.splat(0)
  const side = f32x4.splat(gap >= 0 ? 1 : -1)
  const least = f32x4.splat(flat)
  const wanted = abs(gap)

  // How fast each coordinate moves, and in `d`, for now, how far it can.
  for (let i: usize = 0; i < end; i += 16) {
    const w = v128.load(normal + i)
    const counts = f32x4.gt(f32x4.abs(w), least)
    const p = v128.load(point + i)
    const down = f32x4.gt(f32x4.mul(w, side), zero)
    v128.store(rate + i, v128.and(f32x4.abs(w), counts))
    v128.store(d + i, v128.and(v128.bitselect(p, f32x4.sub(one, p), down), counts))
  }

  // Newton's method from below: the way covered by time t is concave and piecewise linear. Once as many coordinates
  // move on as at the last t, both lie on one piece, and t is exact.
  let t: f64 = 0
  let moving: i32 = -1
  for (;;) {
    const time = f32x4.splat(<f32>t)
    let covered: f64 = 0
    let slope: f64 = 0
    let free = i32x4.splat(0)
    for (let from: usize = 0; from < end; from += BLOCK << 4) {
      const to = min(from + (BLOCK << 4), end)
      let way = zero
      let speed = zero
      for (let i = from; i < to; i += 16) {
        const w = v128.load(rate + i)
        const room = v128.load(d + i)
        const v = linf ? one : w
        const move = f32x4.mul(time, v)
        const goes = f32x4.lt(move, room)
        way = f32x4.add(way, f32x4.mul(w, v128.bitselect(move, room, goes)))
        speed = f32x4.add(speed, v128.and(f32x4.mul(w, v), goes))
        free = i32x4.sub(free, goes)
      }
      covered += total(way)
      slope += total(speed)
    }
    const now =
      i32x4.extract_lane(free, 0) +
      i32x4.extract_lane(free, 1) +
      i32x4.extract_lane(free, 2) +
      i32x4.extract_lane(free, 3)
    if (now === moving) break
    if (slope === 0) {
      // The plane misses the box, or touches its corner.
      t = Infinity
      break
    }
    const next = t + (wanted - covered) / slope
    if (!(next > t)) break
    t = next
    moving = now
  }

  const time = f32x4.splat(<f32>t)
  let length: f64 = 0
  let longest = zero
  for (let from: usize = 0; from < end; from += BLOCK << 4) {
    const to = min(from + (BLOCK << 4), end)
    let part = zero
    for (let i = from; i < to; i += 16) {
      const w = v128.load(rate + i)
      const room = v128.load(d + i)
      const move = f32x4.mul(time, linf ? one : w)
      const step = v128.bitselect(move, room, f32x4.lt(move, room))
      const down = f32x4.gt(f32x4.mul(v128.load(normal + i), side), zero)
      v128.store(d + i, v128.bitselect(f32x4.neg(step), step, down))
      part = f32x4.add(part, f32x4.mul(step, step))
      longest = f32x4.max(longest, step)
    }
    length += total(part)
  }
  if (!linf) return sqrt(length)
  return max(
    max(f32x4.extract_lane(longest, 0), f32x4.extract_lane(longest, 1)),
    max(f32x4.extract_lane(longest, 2), f32x4.extract_lane(longest, 3)),
  )
}

/**
 * Writes `(1 - share) (a + over da) + share (b + over db)`, clipped to [0, 1], into `a`.
 */
export function blend(a: usize, da: usize, b: usize, db: usize, over: f32, share: f32, size: i32): void {
  const end = <usize>size << 2
  const zero = f32x4.splat(0)
  const one = f32x4.splat(1)
  const past = f32x4.splat(over)
  const much = f32x4.splat(share)
  const rest = f32x4.splat(1 - share)
  for (let i: usize = 0; i < end; i += 16) {
    const first = f32x4.add(v128.load(a + i), f32x4.mul(past, v128.load(da + i)))
    const second = f32x4.add(v128.load(b + i), f32x4.mul(past, v128.load(db + i)))
    const mean = f32x4.add(f32x4.mul(first, rest), f32x4.mul(second, much))
    v128.store(a + i, f32x4.min(one, f32x4.max(zero, mean)))
  }
}
