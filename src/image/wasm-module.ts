// A WebAssembly module of this package (assembly/) with memory that grows on demand.

import { InputError } from '../errors/input-error.ts'

const PAGE = 65_536
// WebAssembly memory never shrinks: an instance that grew beyond this is not kept.
const KEPT_PAGES = 1024

/**
 * Gives the exports of a module with at least so many bytes of memory; it is compiled when first asked for.
 * @param base64 the module, made by `npm run wasm`
 * @param what is being done, for errors: `resizing`
 * @param mostPages how many pages of 64 KB it can address
 * @throws InputError (when called) for more memory than can be addressed or had
 */
export function wasmModule<E extends { readonly memory: WebAssembly.Memory }>(
  base64: string,
  what: string,
  mostPages: number,
): (bytes: number) => E {
  let compiled: WebAssembly.Module | undefined
  let kept: E | undefined
  const instantiate = () => {
    compiled ??= new WebAssembly.Module(Uint8Array.from(atob(base64), c => c.charCodeAt(0)))
    // Not checked: the module is this package's own, and a test compares it with its source.
    return new WebAssembly.Instance(compiled).exports as unknown as E
  }
  return bytes => {
    const pages = Math.ceil(bytes / PAGE)
    if (pages > mostPages) {
      throw new InputError(
        `${what} this image needs ${Math.ceil(bytes / 2 ** 30)} GB, more than the ${Math.round(mostPages / 2 ** 14)} GB that are possible: use a smaller image or size`,
      )
    }
    const instance = kept ?? instantiate()
    const missing = pages - instance.memory.buffer.byteLength / PAGE
    try {
      if (missing > 0) instance.memory.grow(missing)
    } catch (error) {
      throw new InputError(`${what} this image needs ${pages >> 4} MB of memory, which are not to be had`, {
        cause: error,
      })
    }
    kept = pages <= KEPT_PAGES ? instance : undefined
    return instance
  }
}
