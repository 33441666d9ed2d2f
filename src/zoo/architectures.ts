// The registry of architectures and the one function that builds any of them.

import { InputError } from '../errors/input-error.ts'
import type { Preprocessing } from '../image/preprocessing.ts'
import type { Random } from '../tensor/random.ts'
import { alexnet } from './alexnet.ts'
import { googlenet } from './googlenet.ts'
import { miniAlex, miniRes } from './mini.ts'
import { ModuleBuilder } from './modules.ts'
import { type Network, NetworkSpec } from './network.ts'
import { basicBlock, bottleneck } from './residual.ts'
import { resnet } from './resnet.ts'

interface Architecture {
  /** Default height and width of the input in pixels. */
  readonly size: number
  /** Options it takes beyond those that every network takes. */
  readonly options: readonly (typeof special)[number][]
  preprocessing(size: number): Preprocessing
  append(m: ModuleBuilder, spec: NetworkSpec): void
}

/** Options that only some architectures have. */
const special = ['width', 'depth', 'auxiliary', 'transformInput'] as const

const mini = { size: 64, options: ['width', 'depth'], preprocessing: pixels } as const
const imagenet = { size: 224, options: [], preprocessing: torchvision } as const

const registry = {
  'mini-alex': { ...mini, append: miniAlex },
  'mini-res': { ...mini, append: miniRes },
  alexnet: { ...imagenet, append: alexnet },
  googlenet: { ...imagenet, options: ['auxiliary', 'transformInput'], append: googlenet },
  resnet18: { ...imagenet, append: resnet(basicBlock, [2, 2, 2, 2]) },
  resnet34: { ...imagenet, append: resnet(basicBlock, [3, 4, 6, 3]) },
  resnet50: { ...imagenet, append: resnet(bottleneck, [3, 4, 6, 3]) },
  resnet101: { ...imagenet, append: resnet(bottleneck, [3, 4, 23, 3]) },
  resnet152: { ...imagenet, append: resnet(bottleneck, [3, 8, 36, 3]) },
} satisfies Record<string, Architecture>

/** Name of an architecture of the zoo. */
export type ArchitectureName = keyof typeof registry

/** Names of all architectures. */
export const architectures = Object.keys(registry) as readonly ArchitectureName[]

/** What {@link buildNetwork} can be told: {@link NetworkSpec} without the name, and who draws the weights. */
export interface NetworkOptions extends Partial<Omit<NetworkSpec, 'arch' | 'classes'>> {
  readonly classes: number
  /** Draws the weights; without it they are zero, to be filled from a checkpoint. */
  readonly random?: Random
}

/**
 * Builds `arch` with fresh weights, in inference form.
 * @throws InputError for an unknown name, an option the architecture does not have, or a size it cannot take.
 */
export function buildNetwork(arch: string, { random, ...options }: NetworkOptions): Network {
  const architecture = architectureOf(arch)
  const spec = checkedSpec({ arch, size: architecture.size, ...options }, architecture)
  const m = new ModuleBuilder(spec, random)
  architecture.append(m, spec)
  return {
    arch,
    spec,
    graph: m.build(),
    parameters: m.parameters,
    buffers: m.buffers,
    layers: m.layers,
    preprocessing: architecture.preprocessing(spec.size),
  }
}

function architectureOf(arch: string): Architecture {
  const known: Readonly<Record<string, Architecture>> = registry
  const architecture = Object.hasOwn(known, arch) ? known[arch] : undefined
  if (!architecture)
    throw new InputError(`unknown architecture: ${arch} (known: ${architectures.join(', ')})`)
  return architecture
}

function checkedSpec(spec: NetworkSpec, { options }: Architecture): NetworkSpec {
  const result = NetworkSpec.safeParse(spec)
  if (!result.success) {
    const [issue] = result.error.issues
    const path = issue?.path.join('.') ?? ''
    throw new InputError(`${spec.arch}: ${path ? `${path}: ` : ''}${issue?.message.toLowerCase()}`)
  }
  for (const key of special)
    if (spec[key] !== undefined && !options.includes(key))
      throw new InputError(`${spec.arch} has no option ${key}`)
  return result.data
}

/** torchvision's evaluation transform: short side 256, centre crop, ImageNet mean and standard deviation. */
function torchvision(size: number): Preprocessing {
  return {
    size: [size, size],
    resize: 'short-side',
    resizeTo: Math.round((size * 256) / 224),
    filter: 'bilinear',
    crop: 'center',
    channels: 'rgb',
    range: 1,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    output: 'logits',
  }
}

/** Pixels as they are; the network normalises inside. */
function pixels(size: number): Preprocessing {
  return {
    size: [size, size],
    resize: 'exact',
    filter: 'bilinear',
    crop: 'none',
    channels: 'rgb',
    range: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    output: 'logits',
  }
}
