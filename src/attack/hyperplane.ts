// The nearest point of a hyperplane inside [0, 1]: what FAB asks for, twice per image and iteration. The work is done
// in WebAssembly SIMD (assembly/hyperplane.ts); here its memory is laid out.

import { wasmModule } from '../image/wasm-module.ts'
import { hyperplaneWasm } from './hyperplane-wasm.ts'
import type { NormName } from './norm.ts'

/** The plane `<normal, x> = <normal, point> - gap`, told from some point. */
export interface Plane {
  readonly normal: Float32Array
  readonly gap: number
}

/**
 * The smallest d, in the norm, that leads from `point` to the plane with `0 <= point + d <= 1` (Croce & Hein 2020,
 * Minimally distorted adversarial examples, equation 4). Where the plane misses the box, d leads to the corner
 * nearest to it.
 *
 * Every coordinate moves against the normal by `min(t |w_i|, room)` (L2) or `min(t, room)` (Linf), and the way
 * covered, `sum |w_i| min(...)`, is a concave, piecewise linear function of t: Newton's method from 0 comes up to
 * its solution from below and is exact after finitely many steps, with no sorting.
 */
export function towardsHyperplane(norm: NormName, point: Float32Array, { normal, gap }: Plane): Float32Array {
  const slots = new Slots(point.length)
  slots.write(NORMAL, normal)
  slots.write(POINT, point)
  slots.project(norm, POINT, gap, FROM_POINT)
  return slots.read(FROM_POINT).slice()
}

/** How far past the plane a step goes, and the most weight of the original (the paper's eta and alpha_max). */
const [OVERSHOOT, MOST_ORIGINAL] = [1.05, 0.1]

/** Moves `point` a step past its plane, drawn towards the point of the plane that is nearest to `original`. */
export function stepPast(norm: NormName, point: Float32Array, original: Float32Array, plane: Plane): void {
  const { normal, gap } = plane
  const slots = new Slots(point.length)
  slots.write(NORMAL, normal)
  slots.write(POINT, point)
  slots.write(ORIGINAL, original)
  const near = Math.max(slots.project(norm, POINT, gap, FROM_POINT), 1e-8)
  const originalGap = gap + slots.along(ORIGINAL, POINT)
  const far = Math.max(slots.project(norm, ORIGINAL, originalGap, FROM_ORIGINAL), 1e-8)
  slots.blend(Math.min(near / (near + far), MOST_ORIGINAL))
  point.set(slots.read(POINT))
}

/** Normals up to this size count as zero: dividing by them would send a coordinate anywhere. */
const FLAT: Readonly<Record<NormName, number>> = { L2: 1e-8, Linf: 0 }

/** Places in the module's memory, one vector each. */
const [NORMAL, POINT, ORIGINAL, FROM_POINT, FROM_ORIGINAL, RATE, SLOTS] = [0, 1, 2, 3, 4, 5, 6]

/** The module's memory as vectors of one length. */
class Slots {
  private readonly module: HyperplaneModule
  /** Whole groups of four numbers. */
  private readonly size: number

  constructor(private readonly length: number) {
    this.size = Math.ceil(length / 4) * 4
    this.module = hyperplaneWith(SLOTS * this.size * Float32Array.BYTES_PER_ELEMENT)
  }

  write(slot: number, values: Float32Array): void {
    const all = new Float32Array(this.module.memory.buffer, this.at(slot), this.size)
    all.set(values)
    // A normal of 0 moves nothing.
    all.fill(0, this.length)
  }

  /** A view: the next step overwrites it. */
  read(slot: number): Float32Array {
    return new Float32Array(this.module.memory.buffer, this.at(slot), this.length)
  }

  /** `<normal, a - b>` */
  along(a: number, b: number): number {
    return this.module.along(this.at(NORMAL), this.at(a), this.at(b), this.size)
  }

  /** Writes the way to the plane into `to`; its length in the norm. */
  project(norm: NormName, from: number, gap: number, to: number): number {
    const linf = norm === 'Linf' ? 1 : 0
    const { module, size } = this
    const [point, normal, rate, d] = [this.at(from), this.at(NORMAL), this.at(RATE), this.at(to)]
    return module.project(linf, point, normal, gap, FLAT[norm], rate, d, size)
  }

  blend(share: number): void {
    const { module, size } = this
    const [a, b] = [this.at(POINT), this.at(ORIGINAL)]
    module.blend(a, this.at(FROM_POINT), b, this.at(FROM_ORIGINAL), OVERSHOOT, share, size)
  }

  private at(slot: number): number {
    return slot * this.size * Float32Array.BYTES_PER_ELEMENT
  }
}

interface HyperplaneModule {
  along(normal: number, a: number, b: number, size: number): number
  project(
    linf: number,
    point: number,
    normal: number,
    gap: number,
    flat: number,
    rate: number,
    d: number,
    size: number,
  ): number
  blend(a: number, da: number, b: number, db: number, over: number, share: number, size: number): void
  readonly memory: WebAssembly.Memory
}

const hyperplaneWith = wasmModule<HyperplaneModule>(hyperplaneWasm, 'attacking', 65_535)
