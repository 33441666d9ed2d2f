// Where a line of pixels is read that goes on beyond its ends.

/** Position `i` of a line of `size` that goes on mirrored, its border repeated. */
export function mirrored(i: number, size: number): number {
  if (i >= 0 && i < size) return i
  const period = 2 * size
  const at = ((i % period) + period) % period
  return at < size ? at : period - 1 - at
}

/** Position `i` of a line of `size` that goes on mirrored, its border not repeated. */
export function mirroredOnce(i: number, size: number): number {
  if (i >= 0 && i < size) return i
  if (size === 1) return 0
  const period = 2 * size - 2
  const at = ((i % period) + period) % period
  return at < size ? at : period - at
}
