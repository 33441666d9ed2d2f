// Runs in the page: decodes files of the repository for images.test.ts.

import { decodeImage } from '../../src/image/codec.web.ts'
import { fitted, type Geometry } from '../../src/image/geometry.ts'

export interface Decoded {
  readonly width: number
  readonly height: number
  readonly data: number[]
}

declare global {
  var decodeFile: (path: string, geometry?: Geometry) => Promise<Decoded | { readonly fault: string }>
}

globalThis.decodeFile = async (path, geometry) => {
  const bytes = new Uint8Array(await (await fetch(path)).arrayBuffer())
  try {
    const image = await decodeImage(bytes, path)
    const { width, height, data } = geometry ? fitted(image, geometry) : image
    return { width, height, data: Array.from(data) }
  } catch (error) {
    return { fault: `${error instanceof Error ? `${error.name}: ${error.message}` : error}` }
  }
}
globalThis.ready = true
