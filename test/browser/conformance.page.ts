// Runs in the browser: conformance cases by name, on one runtime.

import type { Runtime } from '../../src/runtime/session.ts'
import { type WebRuntimeOptions, webRuntime } from '../../src/runtime/web.ts'
import { runCase } from '../conformance/case.ts'
import { conformanceCases } from '../conformance/cases.ts'
import { checkClassifier } from '../conformance/classifier.ts'

/** What the tests call in the page. */
export interface ConformancePage {
  /** Makes the runtime; its name, or the message of the error. */
  start(options: WebRuntimeOptions): Promise<string>
  /** undefined when the case passes, else what is wrong. */
  run(name: string): Promise<string | undefined>
  /** Checks a whole classifier; its fingerprint, or what is wrong. */
  classifier(): Promise<string>
}

declare global {
  var conformance: ConformancePage
}

let runtime: Runtime | undefined
const messageOf = (error: unknown) =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error)

globalThis.conformance = {
  async start(options) {
    try {
      runtime = await webRuntime(options)
      return runtime.name
    } catch (error) {
      return messageOf(error)
    }
  },
  async run(name) {
    const found = conformanceCases.find(testCase => testCase.name === name)
    if (runtime === undefined || found === undefined) return `no case ${name}, or the runtime did not start`
    return runCase(runtime, found).then(() => undefined, messageOf)
  },
  async classifier() {
    return runtime === undefined ? 'the runtime did not start' : checkClassifier(runtime).catch(messageOf)
  },
}
globalThis.ready = true
