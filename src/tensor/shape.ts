// Arithmetic on concrete shapes.

/** Number of elements of a tensor of `shape`; 1 for a scalar `[]`. */
export function elementCount(shape: readonly number[]): number {
  let count = 1
  for (const d of shape) count *= d
  return count
}

/** `[2, 3, 4]`, as error messages print it. */
export function formatShape(shape: readonly (number | string)[]): string {
  return `[${shape.join(', ')}]`
}

/** Whether two shapes are equal, axis by axis. */
export function sameShape(a: readonly (number | string)[], b: readonly (number | string)[]): boolean {
  return a.length === b.length && a.every((d, i) => d === b[i])
}

/** Row-major strides in elements. */
export function strides(shape: readonly number[]): number[] {
  const out = new Array<number>(shape.length)
  let step = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    out[i] = step
    step *= shape[i]!
  }
  return out
}

/** All places of a grid, in row-major order. */
export function placesOf(size: readonly number[]): readonly (readonly number[])[] {
  let places: number[][] = [[]]
  for (const length of size)
    places = places.flatMap(place => Array.from({ length }, (_, at) => [...place, at]))
  return places
}
