// The two networks small enough to train on a laptop (emoji16 and Fashion-MNIST). Both normalise inside.

import { InputError } from '../errors/input-error.ts'
import type { Feature } from './feature.ts'
import { fill, type Initialise, kaimingIn, normal } from './initialise.ts'
import type { ModuleBuilder } from './modules.ts'
import type { NetworkSpec } from './network.ts'
import { basicBlock } from './residual.ts'

const defaultWidth = 32
const pool = { kernel: 3, stride: 2, pad: 1 }

// Batch norm makes the scale of these weights irrelevant to the output, but not to the gradient: from a small
// start the noise they were drawn with is forgotten sooner.
const small: Initialise = kaimingIn(0.2)

/**
 * AlexNet in small: five convolutions with batch norm, three poolings, a hidden layer of 128. Another depth changes
 * the number of convolutions between the last two poolings.
 */
export function miniAlex(m: ModuleBuilder, spec: NetworkSpec): void {
  const { width = defaultWidth, depth = 5 } = spec
  if (depth < 3) throw new InputError(`mini-alex has at least 3 convolutions, found depth ${depth}`)
  let x = m.maxPool(stem(m, spec), 'pool1', pool)
  x = m.denoise(unit(m, x, 2, 2 * width))
  x = m.maxPool(x, 'pool2', pool)
  for (let i = 3; i <= depth; i++) {
    x = unit(m, x, i, 3 * width)
    if (i <= 5) x = m.denoise(x)
  }
  x = m.maxPool(x, 'pool5', pool)
  x = m.conv(x, 'fc6', 128, { kernel: x.size, bias: true, init: kaimingIn(), biasInit: fill(0) })
  x = m.activation(x, 'relu6')
  x = m.conv(x, 'fc7', spec.classes, { kernel: 1, bias: true, init: normal(0.03), biasInit: fill(0) })
  m.output(m.flatten(x, 'flatten'))
}

/** A residual network in small: the same stem, three stages of `depth` basic blocks (one unless said), a global mean. */
export function miniRes(m: ModuleBuilder, spec: NetworkSpec): void {
  const { width = defaultWidth, depth = 1 } = spec
  let x = m.denoise(m.maxPool(stem(m, spec), 'pool1', pool))
  for (const [i, stride] of [1, 2, 2].entries()) {
    const name = `layer${i + 1}`
    x = basicBlock.append(m, x, name, width * 2 ** i, { stride, init: small })
    for (let block = 1; block < depth; block++)
      x = basicBlock.append(m, x, `${name}.${block}`, width * 2 ** i, { stride: 1, init: small })
    m.layer(name, x)
    x = m.denoise(x)
  }
  m.output(m.linear(m.flatten(m.adaptiveAveragePool(x, 'avgpool', 1), 'flatten'), 'fc', spec.classes))
}

/** (x - .5) / .25, then conv1. Images of up to 32 pixels are not halved by it. */
function stem(m: ModuleBuilder, { size, width = defaultWidth }: NetworkSpec): Feature {
  const x = m.affine(m.images(size), 'normalise', [4, 4, 4], [-2, -2, -2])
  return unit(m, x, 1, width, 7, size > 32 ? 2 : 1)
}

function unit(m: ModuleBuilder, x: Feature, i: number, width: number, kernel = 3, stride = 1): Feature {
  const pad = (kernel - 1) / 2
  const y = m.conv(x, `conv${i}`, width, { kernel, stride, pad, init: small })
  const active = m.activation(m.batchNorm(y, `bn${i}`), `relu${i}`)
  m.layer(`conv${i}`, active)
  return active
}
