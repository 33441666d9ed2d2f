// ResNet-18 to -152 (He et al. 2016) with torchvision's names.

import { kaimingOut } from './initialise.ts'
import type { ModuleBuilder } from './modules.ts'
import type { NetworkSpec } from './network.ts'
import type { Block } from './residual.ts'

/** A ResNet of four stages with `depths` blocks each. */
export function resnet(block: Block, depths: readonly number[]) {
  return (m: ModuleBuilder, spec: NetworkSpec): void => {
    const init = kaimingOut
    let x = m.conv(m.images(spec.size), 'conv1', 64, { kernel: 7, stride: 2, pad: 3, init })
    x = m.activation(m.batchNorm(x, 'bn1'), 'relu')
    m.layer('conv1', x)
    x = m.maxPool(x, 'maxpool', { kernel: 3, stride: 2, pad: 1 })
    for (const [stage, depth] of depths.entries()) {
      const name = `layer${stage + 1}`
      for (let i = 0; i < depth; i++) {
        const stride = stage > 0 && i === 0 ? 2 : 1
        x = block.append(m, x, `${name}.${i}`, 64 * 2 ** stage, { stride })
      }
      m.layer(name, x)
      x = m.denoise(x)
    }
    m.output(m.linear(m.flatten(m.adaptiveAveragePool(x, 'avgpool', 1), 'flatten'), 'fc', spec.classes))
  }
}
