// Masks in the blocked layout. Comparisons leave it; the 0/1 masks that gradients of activations multiply with are
// written anew as steps of depthwise convolutions, which stay in it.

import type { Node } from '../../onnx/graph.ts'
import type { Depthwise } from './depthwise.ts'
import type { Layout } from './layout.ts'

/** 1 where factor * value + offset > 0. */
export interface Step {
  readonly value: string
  readonly factor: number
  readonly offset: number
}

/** Keeps differences of denormal numbers above what {@link Depthwise.step} takes for 0. */
const SCALE = 2 ** 24

export class Gates {
  constructor(
    private readonly producers: ReadonlyMap<string, Node>,
    private readonly layout: Layout,
    private readonly scalar: (value: string) => number | undefined,
  ) {}

  /** The steps whose product a cast of truth values to float32 is; undefined where not all can be written so. */
  at(node: Node): readonly Step[] | undefined {
    if (node.opType !== 'Cast' && node.opType !== 'CastLike') return undefined
    if (this.layout.shape(node.outputs[0]!) === undefined) return undefined
    return this.stepsOf(node.inputs[0]!)
  }

  /** Appends the product of `steps` under the name `output`. */
  append(
    steps: readonly Step[],
    depthwise: Depthwise,
    product: (a: string, b: string, output: string | undefined) => string,
    output: string,
  ): void {
    let result: string | undefined
    for (const [i, { value, factor, offset }] of steps.entries()) {
      const name = i === steps.length - 1 ? output : undefined
      const step = depthwise.step(value, this.layout.channels(value)!, [[0, 0, SCALE * factor]], {
        ...(offset !== 0 && { bias: SCALE * offset }),
        ...(name !== undefined && result === undefined && { output: name }),
      })
      result = result === undefined ? step : product(result, step, name)
    }
  }

  /** Of a value of type bool. */
  private stepsOf(value: string): readonly Step[] | undefined {
    const node = this.producers.get(value)
    if (node === undefined) return undefined
    const [a = '', b = ''] = node.inputs
    switch (node.opType) {
      case 'And': {
        const [left, right] = [this.stepsOf(a), this.stepsOf(b)]
        return left && right && [...left, ...right]
      }
      case 'Cast':
        // Not zero is above zero only for what cannot be negative.
        return this.producers.get(a)?.opType === 'Relu' ? this.compared(a, 1, 0) : undefined
      case 'Greater':
        return this.compared(a, 1, this.scalar(b))
      case 'Less':
        return this.compared(a, -1, this.scalar(b))
      default:
        return undefined
    }
  }

  private compared(value: string, factor: 1 | -1, bound: number | undefined): readonly Step[] | undefined {
    if (bound === undefined || this.layout.channels(value) === undefined) return undefined
    return [{ value, factor, offset: -factor * bound }]
  }
}
