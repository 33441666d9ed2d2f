// What every runtime must do, as data: a graph, what is fed, and what must come out or be complained about. The
// same cases run on Node (test/runtime/conformance.test.ts) and in a browser (test/browser/conformance.test.ts).

import { InputError } from '../../src/errors/input-error.ts'
import type { Graph } from '../../src/onnx/graph.ts'
import type { Feeds, Runtime } from '../../src/runtime/session.ts'
import type { Tensor } from '../../src/tensor/tensor.ts'
import { expectTensorsClose, type Tolerance } from '../support/allclose.ts'

interface Common {
  readonly name: string
  readonly graph: Graph
  readonly feeds: Feeds
  /** Values of inputs that are left open, one after another; the last ones are those of the run. */
  readonly open?: readonly Feeds[]
  /** With open inputs: see `OpenOptions`. */
  readonly imagesApart?: boolean
  /** Outputs to ask for; default: all. */
  readonly wanted?: readonly string[]
}

/** Values that must come out, by name. NaN is expected to be NaN. */
export interface ValueCase extends Common {
  readonly expected: Readonly<Record<string, Tensor>>
  /** Default: equal bits. */
  readonly tolerance?: Tolerance
}

/** An InputError must be thrown, by `load` or `run`, whose message holds every one of these texts. */
export interface ErrorCase extends Common {
  readonly errorWith: readonly string[]
}

export type ConformanceCase = ValueCase | ErrorCase

/** Throws an Error that says what is wrong, or returns when the runtime does what the case wants. */
export async function runCase(runtime: Runtime, test: ConformanceCase): Promise<void> {
  if ('errorWith' in test) await runErrorCase(runtime, test)
  else await runValueCase(runtime, test)
}

async function runValueCase(runtime: Runtime, test: ValueCase): Promise<void> {
  const results = await resultsOf(runtime, test)
  const names = Object.keys(results).sort().join()
  const expectedNames = Object.keys(test.expected).sort().join()
  if (names !== expectedNames) throw new Error(`outputs ${names}, expected ${expectedNames}`)
  for (const [name, expected] of Object.entries(test.expected))
    compare(name, results[name]!, expected, test.tolerance)
}

async function resultsOf(runtime: Runtime, test: ConformanceCase) {
  const { graph, feeds, open, wanted, imagesApart = false } = test
  if (open === undefined) {
    const session = await runtime.load(graph)
    const results = await session.run(feeds, wanted)
    await session.dispose()
    return results
  }
  const session = await runtime.loadOpen(graph, Object.keys(open[0]!), { imagesApart })
  let results: Record<string, Tensor> = {}
  for (const values of open) results = await (await session.with(values)).run(feeds, wanted)
  await session.dispose()
  return results
}

function compare(name: string, actual: Tensor, expected: Tensor, tolerance?: Tolerance): void {
  if (actual.dtype !== expected.dtype)
    throw new Error(`${name} is ${actual.dtype}, expected ${expected.dtype}`)
  if (actual.data.constructor !== expected.data.constructor)
    throw new Error(
      `${name} is a ${actual.data.constructor.name}, expected ${expected.data.constructor.name}`,
    )
  if (tolerance !== undefined) {
    expectTensorsClose(actual, expected, tolerance, name)
    return
  }
  if (actual.shape.join() !== expected.shape.join())
    throw new Error(`${name} has shape [${actual.shape}], expected [${expected.shape}]`)
  for (const [i, value] of [...expected.data].entries()) {
    if (!Object.is(actual.data[i], value))
      throw new Error(`${name}[${i}] is ${actual.data[i]}, expected ${value}`)
  }
}

async function runErrorCase(runtime: Runtime, test: ErrorCase): Promise<void> {
  let message: string
  try {
    await resultsOf(runtime, test)
    throw new Error('no error')
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    message = error.message
  }
  for (const text of test.errorWith)
    if (!message.includes(text)) throw new Error(`the message "${message}" does not say "${text}"`)
  if (/[\n]|\.cc|\.h:|0x|Error:/.test(message)) throw new Error(`the message shows internals: "${message}"`)
}
