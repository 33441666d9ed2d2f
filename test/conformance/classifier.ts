// A whole classifier on a runtime: what the product does with a network, against PyTorch.

import { createClassifier } from '../../src/classifier/create.ts'
import type { Runtime } from '../../src/runtime/session.ts'
import net from '../fixtures/conformance/net.json' with { type: 'json' }
import { expectTensorsClose } from '../support/allclose.ts'
import { plain } from '../support/tiny-classifier.ts'
import { numbers, smallNet } from './net.ts'

/**
 * Throws unless logits, losses and gradients of the small net equal PyTorch's; returns its fingerprint, which must
 * not depend on where it was computed.
 */
export async function checkClassifier(runtime: Runtime): Promise<string> {
  const preprocessing = { ...plain, size: [13, 13] as [number, number] }
  const model = await createClassifier({ name: 'net', graph: smallNet(), runtime, preprocessing })
  const images = numbers(net.images)
  const { logits, loss, gradient } = await model.lossGradient(images, Int32Array.from(net.labels))
  expectTensorsClose(await model.logits(images), numbers(net.logits), { relative: 1e-5 }, 'logits')
  expectTensorsClose(logits, numbers(net.logits), { relative: 1e-5 }, 'logits beside the gradient')
  expectTensorsClose(loss, numbers(net.loss), { relative: 1e-5 }, 'loss')
  expectTensorsClose(gradient, numbers(net.gradient), { relative: 1e-4 }, 'gradient')
  await model.dispose()
  return model.fingerprint
}
