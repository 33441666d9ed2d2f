// What goes into a session is checked here, before the runtime sees it: its own messages do not say which
// input was meant, and a wrong type can be read as garbage.

import { InputError } from '../errors/input-error.ts'
import type { Graph } from '../onnx/graph.ts'
import { elementCount, formatShape } from '../tensor/shape.ts'
import type { Feeds } from './session.ts'

/**
 * Checks `feeds` against the inputs of `graph`: names, element types, ranks, sizes, and that a symbol such as
 * the batch `n` has one size throughout.
 * @throws InputError naming the input.
 */
export function checkFeeds(graph: Graph, feeds: Feeds): void {
  const known = graph.inputs.map(input => input.name)
  for (const name of Object.keys(feeds)) {
    if (!known.includes(name))
      throw new InputError(`unknown input: ${name} (the graph takes ${known.join(', ')})`)
  }
  const sizes = new Map<string, { size: number; input: string }>()
  for (const { name, dtype, shape } of graph.inputs) {
    const value = feeds[name]
    if (value === undefined)
      throw new InputError(`input ${name} is missing: the graph takes ${known.join(', ')}`)
    if (value.dtype !== dtype) throw new InputError(`input ${name} must be ${dtype}, found ${value.dtype}`)
    if (value.data.length !== elementCount(value.shape)) {
      throw new InputError(
        `input ${name} of shape ${formatShape(value.shape)} needs ${elementCount(value.shape)} elements, found ${value.data.length}`,
      )
    }
    if (shape === undefined) continue
    const fits =
      shape.length === value.shape.length &&
      shape.every((dim, axis) => typeof dim === 'string' || dim === value.shape[axis])
    if (!fits) {
      throw new InputError(
        `input ${name} must have shape ${formatShape(shape)}, found ${formatShape(value.shape)}`,
      )
    }
    for (const [axis, dim] of shape.entries()) {
      if (typeof dim === 'number') continue
      const size = value.shape[axis]!
      const before = sizes.get(dim)
      if (before !== undefined && before.size !== size) {
        throw new InputError(
          `input ${name} has ${dim} = ${size}, but input ${before.input} has ${dim} = ${before.size}: they must agree`,
        )
      }
      sizes.set(dim, { size, input: name })
    }
  }
}
