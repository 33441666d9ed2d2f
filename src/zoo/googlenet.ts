// GoogLeNet (Szegedy et al. 2015) as torchvision has it: batch norm after every convolution, 3x3 in place of
// the 5x5 convolutions, optional auxiliary heads, optional renormalisation of the input.

import type { Feature } from './feature.ts'
import { normal } from './initialise.ts'
import type { ModuleBuilder } from './modules.ts'
import type { NetworkSpec } from './network.ts'

// torchvision's truncated normal cuts at ±2, which is 200 standard deviations: it never cuts.
const init = normal(0.01)
const imagenetMean = [0.485, 0.456, 0.406]
const imagenetStd = [0.229, 0.224, 0.225]
const half = { kernel: 3, stride: 2, ceil: true }

/** Channels: 1x1 | reduce, 3x3 | reduce, "5x5" | after pooling. */
type Widths = readonly [number, number, number, number, number, number]

// Name, widths, and the pooling that follows, by its torchvision name.
const inceptions: readonly (readonly [string, Widths, ('maxpool3' | 'maxpool4')?])[] = [
  ['inception3a', [64, 96, 128, 16, 32, 32]],
  ['inception3b', [128, 128, 192, 32, 96, 64], 'maxpool3'],
  ['inception4a', [192, 96, 208, 16, 48, 64]],
  ['inception4b', [160, 112, 224, 24, 64, 64]],
  ['inception4c', [128, 128, 256, 24, 64, 64]],
  ['inception4d', [112, 144, 288, 32, 64, 64]],
  ['inception4e', [256, 160, 320, 32, 128, 128], 'maxpool4'],
  ['inception5a', [256, 160, 320, 32, 128, 128]],
  ['inception5b', [384, 192, 384, 48, 128, 128]],
]

// Modules that a denoising block may follow.
const denoised = new Set(['inception3a', 'inception3b', 'inception4e', 'inception5b'])

// The head that starts behind a module.
const heads: Readonly<Record<string, string>> = { inception4a: 'aux1', inception4d: 'aux2' }

export function googlenet(m: ModuleBuilder, spec: NetworkSpec): void {
  let x = m.images(spec.size)
  if (spec.transformInput) {
    const scale = imagenetStd.map(std => std / 0.5)
    const shift = imagenetMean.map(mean => (mean - 0.5) / 0.5)
    x = m.affine(x, 'transform_input', scale, shift)
  }
  x = unit(m, x, 'conv1', 64, { kernel: 7, stride: 2, pad: 3 })
  m.layer('conv1', x)
  x = m.maxPool(x, 'maxpool1', half)
  x = unit(m, x, 'conv2', 64, { kernel: 1 })
  m.layer('conv2', x)
  x = unit(m, x, 'conv3', 192, { kernel: 3, pad: 1 })
  m.layer('conv3', x)
  x = m.maxPool(x, 'maxpool2', half)
  const auxiliary: (() => void)[] = []
  for (const [name, widths, pooling] of inceptions) {
    x = inception(m, x, name, widths)
    m.layer(name, x)
    if (denoised.has(name)) x = m.denoise(x)
    const [head, from] = [heads[name], x]
    if (spec.auxiliary && head) auxiliary.push(() => auxiliaryHead(m, from, head, spec.classes))
    if (pooling) x = m.maxPool(x, pooling, pooling === 'maxpool3' ? half : { ...half, kernel: 2 })
  }
  // Built last, so that parameters stand in torchvision's order.
  for (const append of auxiliary) append()
  x = m.flatten(m.adaptiveAveragePool(x, 'avgpool', 1), 'flatten')
  m.output(m.linear(m.dropout(x, 'dropout', 0.2), 'fc', spec.classes, init))
}

function inception(m: ModuleBuilder, x: Feature, name: string, widths: Widths): Feature {
  const [w1, reduce3, w3, reduce5, w5, wPool] = widths
  const branch1 = unit(m, x, `${name}.branch1`, w1, { kernel: 1 })
  const narrow2 = unit(m, x, `${name}.branch2.0`, reduce3, { kernel: 1 })
  const branch2 = unit(m, narrow2, `${name}.branch2.1`, w3, { kernel: 3, pad: 1 })
  const narrow3 = unit(m, x, `${name}.branch3.0`, reduce5, { kernel: 1 })
  const branch3 = unit(m, narrow3, `${name}.branch3.1`, w5, { kernel: 3, pad: 1 })
  const pooled = m.maxPool(x, `${name}.branch4.0`, { kernel: 3, stride: 1, pad: 1, ceil: true })
  const branch4 = unit(m, pooled, `${name}.branch4.1`, wPool, { kernel: 1 })
  return m.concat([branch1, branch2, branch3, branch4], name)
}

function auxiliaryHead(m: ModuleBuilder, x: Feature, name: string, classes: number): void {
  const pooled = m.adaptiveAveragePool(x, `${name}.avgpool`, 4)
  const y = m.flatten(unit(m, pooled, `${name}.conv`, 128, { kernel: 1 }), `${name}.flatten`)
  const hidden = m.activation(m.linear(y, `${name}.fc1`, 1024, init), `${name}.relu`)
  const logits = m.linear(m.dropout(hidden, `${name}.dropout`, 0.7), `${name}.fc2`, classes, init)
  m.output(logits, `logits.${name}`)
}

/** Convolution, batch norm with epsilon .001, ReLU (torchvision's BasicConv2d). */
function unit(
  m: ModuleBuilder,
  x: Feature,
  name: string,
  width: number,
  options: { readonly kernel: number; readonly stride?: number; readonly pad?: number },
): Feature {
  const y = m.conv(x, `${name}.conv`, width, { ...options, init })
  return m.activation(m.batchNorm(y, `${name}.bn`, { epsilon: 0.001 }), `${name}.relu`)
}
