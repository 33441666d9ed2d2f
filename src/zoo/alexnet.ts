// AlexNet as torchvision has it: the one-tower variant of Krizhevsky 2014 (arXiv 1404.5997).

import type { ModuleBuilder } from './modules.ts'
import type { NetworkSpec } from './network.ts'

// Index in torchvision's `features`, channels, kernel, stride, padding, whether a max pooling follows.
const convolutions = [
  [0, 64, 11, 4, 2, true],
  [3, 192, 5, 1, 2, true],
  [6, 384, 3, 1, 1, false],
  [8, 256, 3, 1, 1, false],
  [10, 256, 3, 1, 1, true],
] as const

export function alexnet(m: ModuleBuilder, spec: NetworkSpec): void {
  let x = m.images(spec.size)
  for (const [index, width, kernel, stride, pad, pooled] of convolutions) {
    x = m.activation(
      m.conv(x, `features.${index}`, width, { kernel, stride, pad, bias: true }),
      `features.${index + 1}`,
    )
    m.layer(`features.${index + 1}`, x)
    if (index > 0) x = m.denoise(x)
    if (pooled) x = m.maxPool(x, `features.${index + 2}`, { kernel: 3, stride: 2 })
  }
  x = m.flatten(m.adaptiveAveragePool(x, 'avgpool', 6), 'flatten')
  x = m.linear(m.dropout(x, 'classifier.0', 0.5), 'classifier.1', 4096)
  x = m.dropout(m.activation(x, 'classifier.2'), 'classifier.3', 0.5)
  x = m.activation(m.linear(x, 'classifier.4', 4096), 'classifier.5')
  m.output(m.linear(x, 'classifier.6', spec.classes))
}
