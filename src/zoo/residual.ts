// The two residual blocks of He et al. 2016, with the stride on the 3x3 convolution of the bottleneck as
// torchvision has it (ResNet v1.5).

import type { Feature } from './feature.ts'
import { type Initialise, kaimingOut } from './initialise.ts'
import type { ModuleBuilder } from './modules.ts'

export interface BlockOptions {
  /** Of the block's 3x3 convolution that shrinks the map. */
  readonly stride: number
  /** Default {@link kaimingOut}. */
  readonly init?: Initialise
}

/** A block that ends in `width * expansion` channels. */
export interface Block {
  readonly expansion: number
  append(m: ModuleBuilder, x: Feature, name: string, width: number, options: BlockOptions): Feature
}

/** Two 3x3 convolutions around a shortcut. */
export const basicBlock: Block = {
  expansion: 1,
  append(m, x, name, width, { stride, init = kaimingOut }) {
    let y = m.conv(x, `${name}.conv1`, width, { kernel: 3, stride, pad: 1, init })
    y = m.activation(m.batchNorm(y, `${name}.bn1`), `${name}.relu1`)
    y = m.batchNorm(m.conv(y, `${name}.conv2`, width, { kernel: 3, pad: 1, init }), `${name}.bn2`)
    return join(m, x, y, name, stride, init)
  },
}

/** 1x1 down, 3x3, 1x1 up to four times the width, around a shortcut. */
export const bottleneck: Block = {
  expansion: 4,
  append(m, x, name, width, { stride, init = kaimingOut }) {
    let y = m.conv(x, `${name}.conv1`, width, { kernel: 1, init })
    y = m.activation(m.batchNorm(y, `${name}.bn1`), `${name}.relu1`)
    y = m.conv(y, `${name}.conv2`, width, { kernel: 3, stride, pad: 1, init })
    y = m.activation(m.batchNorm(y, `${name}.bn2`), `${name}.relu2`)
    y = m.batchNorm(m.conv(y, `${name}.conv3`, 4 * width, { kernel: 1, init }), `${name}.bn3`)
    return join(m, x, y, name, stride, init)
  },
}

/** relu(y + shortcut(x)); the shortcut is a 1x1 convolution where the shape changes. */
function join(m: ModuleBuilder, x: Feature, y: Feature, name: string, stride: number, init: Initialise) {
  let shortcut = x
  if (stride !== 1 || x.channels !== y.channels) {
    shortcut = m.conv(x, `${name}.downsample.0`, y.channels, { kernel: 1, stride, init })
    shortcut = m.batchNorm(shortcut, `${name}.downsample.1`)
  }
  return m.activation(m.add(y, shortcut, `${name}.add`), `${name}.relu`)
}
