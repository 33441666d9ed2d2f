// Runs in the browser: logits and input gradient of an exported network, for torchvision.test.ts.

import { createClassifier } from '../../../src/classifier/create.ts'
import { readNpy } from '../../../src/data/npy.ts'
import { readOnnx } from '../../../src/onnx/read.ts'
import { webRuntime } from '../../../src/runtime/web.ts'
import { asFloat32 } from '../../../src/tensor/tensor.ts'
import { plainPreprocessing } from '../../support/plain-preprocessing.ts'

export interface Found {
  readonly logits: number[]
  readonly gradient: number[]
}

declare global {
  /** @param files addresses of the `.onnx` file and of images as `.npy` */
  var lossGradientOf: (
    files: { readonly model: string; readonly images: string },
    label: number,
  ) => Promise<Found>
}

const bytesOf = async (address: string) => new Uint8Array(await (await fetch(address)).arrayBuffer())

globalThis.lossGradientOf = async (files, label) => {
  const images = asFloat32(readNpy(await bytesOf(files.images)))
  const model = await createClassifier({
    name: 'exported',
    graph: readOnnx(await bytesOf(files.model)),
    runtime: await webRuntime(),
    preprocessing: {
      ...plainPreprocessing(images.shape[3]!),
      mean: [0.5, 0.5, 0.5],
      std: [0.25, 0.25, 0.25],
    },
  })
  const { logits, gradient } = await model.lossGradient(images, new Int32Array(images.shape[0]!).fill(label))
  await model.dispose()
  return { logits: Array.from(logits.data), gradient: Array.from(gradient.data) }
}
globalThis.ready = true
