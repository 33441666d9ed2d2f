// Graphs on onnxruntime-web: WebAssembly in a page or worker, or the GPU through WebGPU.

import { requireInput } from '../errors/input-error.ts'
import { ortRuntime } from './ort.ts'
import type { Runtime } from './session.ts'

export interface WebRuntimeOptions {
  /**
   * Threads of one operator. Default: 1, or up to 4 where the page is cross-origin isolated; without isolation
   * browsers allow no more than 1. What the first runtime of a page says holds for all of them.
   */
  readonly threads?: number
  /** What does the work; operators that `webgpu` lacks run as WebAssembly. Default `wasm`. */
  readonly provider?: 'wasm' | 'webgpu'
  /** Folder (URL ending in `/`) of onnxruntime-web's `.wasm` files. Default: where the bundler put them. */
  readonly wasmPaths?: string
}

/**
 * The runtime for browsers. A run blocks the thread it is called on until it is done: use a worker for a page
 * that must stay responsive.
 * @throws InputError for a thread count that is not a whole number from 1 on or that the page's isolation does not
 *   allow, and for `webgpu` where the browser has none.
 */
export async function webRuntime(options: WebRuntimeOptions = {}): Promise<Runtime> {
  const { provider = 'wasm', wasmPaths } = options
  const isolated = globalThis.crossOriginIsolated === true
  const threads = options.threads ?? (isolated ? Math.min(4, navigator.hardwareConcurrency) : 1)
  requireInput(
    Number.isInteger(threads) && threads >= 1,
    `threads must be a whole number from 1 on, found ${threads}`,
  )
  requireInput(
    threads === 1 || isolated,
    `${threads} threads need a cross-origin isolated page: serve it with the headers COOP same-origin and COEP require-corp, or use 1 thread`,
  )
  requireInput(provider === 'wasm' || (await hasWebGpu()), 'this browser has no WebGPU: use provider wasm')
  // Two builds: the one with WebGPU is twice the size.
  const ort = await (provider === 'wasm' ? import('onnxruntime-web/wasm') : import('onnxruntime-web/webgpu'))
  ort.env.logLevel = 'fatal'
  ort.env.wasm.numThreads = threads
  if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = wasmPaths
  return ortRuntime(`onnxruntime-web ${ort.env.versions.web ?? ''} ${provider}`, ort, {
    executionProviders: provider === 'wasm' ? ['wasm'] : ['webgpu', 'wasm'],
  })
}

/** Browsers have the interface also where there is no GPU behind it. */
async function hasWebGpu(): Promise<boolean> {
  const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<unknown> } }
  return gpu !== undefined && (await gpu.requestAdapter()) !== null
}
