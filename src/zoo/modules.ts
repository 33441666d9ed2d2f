// The layers networks are made of. A ModuleBuilder appends them to one graph under torchvision's names, draws
// their weights, follows channels and spatial size, and notes which initializers are trained, which are
// running statistics, and where units live.

import { InputError } from '../errors/input-error.ts'
import { GraphBuilder } from '../onnx/builder.ts'
import type { Random } from '../tensor/random.ts'
import { elementCount } from '../tensor/shape.ts'
import { float32 } from '../tensor/tensor.ts'
import { appendActivation, defaultSharpness, logBetaName } from './activation.ts'
import { appendDenoiser } from './denoise.ts'
import type { Feature } from './feature.ts'
import { fill, type Initialise, torchDefault, uniform } from './initialise.ts'
import { IMAGES, type Layer, LOGITS, type NetworkSpec } from './network.ts'
import { averagingMatrix } from './pooling.ts'

export interface ConvOptions {
  readonly kernel: number
  /** Default 1. */
  readonly stride?: number
  /** Zeros on each side; default 0. */
  readonly pad?: number
  /** Default false. */
  readonly bias?: boolean
  /** Default {@link torchDefault}. */
  readonly init?: Initialise
  /** Draws the bias; default PyTorch's. */
  readonly biasInit?: Initialise
}

export interface PoolOptions {
  readonly kernel: number
  readonly stride: number
  readonly pad?: number
  /** Round the output size up; default down. */
  readonly ceil?: boolean
}

export class ModuleBuilder {
  readonly parameters: string[] = []
  readonly buffers: string[] = []
  readonly layers: Layer[] = []
  private readonly graph: GraphBuilder
  private denoised = 0

  /** @param random draws the weights; without it they are zero, to be filled from a checkpoint. */
  constructor(
    private readonly spec: Pick<NetworkSpec, 'arch' | 'activation' | 'sharpness' | 'denoise'>,
    private readonly random: Random | undefined,
  ) {
    this.graph = new GraphBuilder(spec.arch)
  }

  /** The image input, `[n, 3, size, size]`. */
  images(size: number): Feature {
    return { value: this.graph.input(IMAGES, 'float32', ['n', 3, size, size]), channels: 3, size }
  }

  /** x * scale + shift, each one number per channel. */
  affine(x: Feature, name: string, scale: readonly number[], shift: readonly number[]): Feature {
    const shape = [1, x.channels, 1, 1]
    const scaled = this.graph.op('Mul', [
      x.value,
      this.graph.constant(float32(shape, scale), `${name}.scale`),
    ])
    const shifted = this.graph.constant(float32(shape, shift), `${name}.shift`)
    return { ...x, value: this.graph.op('Add', [scaled, shifted], {}, { name }) }
  }

  conv(x: Feature, name: string, out: number, options: ConvOptions): Feature {
    const { kernel, stride = 1, pad = 0, bias = false, init = torchDefault } = options
    const fan = x.channels * kernel * kernel
    const inputs = [x.value, this.parameter(`${name}.weight`, [out, x.channels, kernel, kernel], init)]
    if (bias)
      inputs.push(this.parameter(`${name}.bias`, [out], options.biasInit ?? uniform(1 / Math.sqrt(fan))))
    const value = this.graph.op(
      'Conv',
      inputs,
      { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad] },
      { name },
    )
    return { value, channels: out, size: this.window(name, x.size, kernel, stride, pad) }
  }

  /** @param gamma what its scales start at; 0 makes a residual branch nothing at first. */
  batchNorm(x: Feature, name: string, { epsilon = 1e-5, gamma = 1 } = {}): Feature {
    const shape = [x.channels]
    const value = this.graph.op(
      'BatchNormalization',
      [
        x.value,
        this.parameter(`${name}.weight`, shape, fill(gamma)),
        this.parameter(`${name}.bias`, shape, fill(0)),
        this.buffer(`${name}.running_mean`, shape, fill(0)),
        this.buffer(`${name}.running_var`, shape, fill(1)),
      ],
      { epsilon, momentum: 0.9 },
      { name },
    )
    return { ...x, value }
  }

  /** The network's activation function: ReLU unless its spec says otherwise. */
  activation(x: Feature, name: string): Feature {
    const { activation = 'relu', sharpness = defaultSharpness } = this.spec
    const logBeta = () => this.parameter(logBetaName(name), [], fill(Math.log(sharpness)))
    return { ...x, value: appendActivation(this.graph, activation, x.value, name, { sharpness, logBeta }) }
  }

  /**
   * A place for a denoising block: x + batchNorm(conv1x1(denoise(x))), whose batch norm starts at 0 (Xie et al.
   * 2019, section 4). Without `denoise` in the spec it is x itself.
   */
  denoise(x: Feature): Feature {
    const { denoise } = this.spec
    if (denoise === undefined) return x
    const name = `denoise${++this.denoised}`
    const half = Math.max(1, Math.floor(x.channels / 2))
    const embed = (part: string) => this.conv(x, `${name}.${part}`, half, { kernel: 1 })
    const filtered = { ...x, value: appendDenoiser(this.graph, denoise, x, embed) }
    const mixed = this.conv(filtered, `${name}.conv`, x.channels, { kernel: 1 })
    return this.add(x, this.batchNorm(mixed, `${name}.bn`, { gamma: 0 }), name)
  }

  add(a: Feature, b: Feature, name: string): Feature {
    return { ...a, value: this.graph.op('Add', [a.value, b.value], {}, { name }) }
  }

  /** Joins along channels. */
  concat(xs: readonly [Feature, ...Feature[]], name: string): Feature {
    const value = this.graph.op(
      'Concat',
      xs.map(x => x.value),
      { axis: 1 },
      { name },
    )
    return { value, channels: xs.reduce((sum, x) => sum + x.channels, 0), size: xs[0].size }
  }

  maxPool(x: Feature, name: string, { kernel, stride, pad = 0, ceil = false }: PoolOptions): Feature {
    const value = this.graph.op(
      'MaxPool',
      [x.value],
      {
        kernel_shape: [kernel, kernel],
        strides: [stride, stride],
        pads: [pad, pad, pad, pad],
        ceil_mode: ceil ? 1 : 0,
      },
      { name },
    )
    return { ...x, value, size: this.window(name, x.size, kernel, stride, pad, ceil) }
  }

  /** Mean over windows that divide the map into `out` x `out` (PyTorch's AdaptiveAvgPool2d). */
  adaptiveAveragePool(x: Feature, name: string, out: number): Feature {
    if (x.size === out) return x
    if (out === 1)
      return { ...x, value: this.graph.op('GlobalAveragePool', [x.value], {}, { name }), size: out }
    // Windows of unequal stride are no AveragePool: average rows and columns by one matrix each.
    const average = averagingMatrix(x.size, out)
    const transposed = Float32Array.from({ length: average.length }, (_, i) => {
      return average[(i % out) * x.size + Math.floor(i / out)]!
    })
    const rows = this.graph.constant(float32([out, x.size], average), `${name}.rows`)
    const columns = this.graph.constant(float32([x.size, out], transposed), `${name}.columns`)
    const narrow = this.graph.op('MatMul', [x.value, columns], {}, { name: `${name}.narrow` })
    return { ...x, value: this.graph.op('MatMul', [rows, narrow], {}, { name }), size: out }
  }

  /** Values set to zero with probability `ratio` in training; nothing in inference form. */
  dropout(x: Feature, name: string, ratio: number): Feature {
    return { ...x, value: this.graph.op('Dropout', [x.value, this.graph.scalar(ratio)], {}, { name }) }
  }

  /** `[n, channels, size, size]` to `[n, channels * size * size]`, kept as a feature of size 1. */
  flatten(x: Feature, name: string): Feature {
    const channels = x.channels * x.size * x.size
    return { value: this.graph.op('Flatten', [x.value], { axis: 1 }, { name }), channels, size: 1 }
  }

  /** A fully connected layer on a flattened feature. */
  linear(x: Feature, name: string, out: number, init: Initialise = torchDefault): Feature {
    const weight = this.parameter(`${name}.weight`, [out, x.channels], init)
    const bias = this.parameter(`${name}.bias`, [out], uniform(1 / Math.sqrt(x.channels)))
    const value = this.graph.op('Gemm', [x.value, weight, bias], { transB: 1 }, { name })
    return { value, channels: out, size: 1 }
  }

  /** Notes that units live at `x`. */
  layer(name: string, x: Feature): void {
    this.layers.push({ name, value: x.value, units: x.channels })
  }

  /** Declares an output `[n, classes]`. */
  output(x: Feature, name: string = LOGITS): void {
    this.graph.output(x.value, 'float32', ['n', x.channels], name)
  }

  build() {
    return this.graph.build()
  }

  private parameter(name: string, shape: readonly number[], init: Initialise): string {
    this.parameters.push(name)
    return this.weight(name, shape, init)
  }

  private buffer(name: string, shape: readonly number[], init: Initialise): string {
    this.buffers.push(name)
    return this.weight(name, shape, init)
  }

  private weight(name: string, shape: readonly number[], init: Initialise): string {
    // One stream per name: a weight does not depend on which others the network has.
    const values = this.random ? init(shape, this.random.fork(name)) : new Float32Array(elementCount(shape))
    return this.graph.initializer(name, float32(shape, values))
  }

  /** Output size of a window that slides over `size` pixels. */
  private window(
    name: string,
    size: number,
    kernel: number,
    stride: number,
    pad: number,
    ceil = false,
  ): number {
    const span = size + 2 * pad - kernel
    if (span < 0)
      throw new InputError(
        `${name} needs at least ${kernel - 2 * pad} pixels, found ${size}: use larger images`,
      )
    if (!ceil) return Math.floor(span / stride) + 1
    const steps = Math.ceil(span / stride)
    // As PyTorch and ONNX: a last window must start inside the image or its left padding.
    return steps * stride >= size + pad ? steps : steps + 1
  }
}
