// Pictures as spectra (lucid, `optvis/param/spatial.py`; Olah, Mordvintsev & Schubert 2017): a step that is equally
// long in every coefficient moves low frequencies as far as natural images have them, and colours along the axes in
// which natural images vary. The inverse transform is two matrix products, so that it has a gradient like any layer.

import type { GraphBuilder } from '../../onnx/builder.ts'
import type { Random } from '../../tensor/random.ts'
import { type FloatTensor, float32 } from '../../tensor/tensor.ts'
import type { Parametrisation, Size } from '../parametrisation.ts'

/**
 * Square root of the covariance of colours in natural images, rows r, g, b (lucid, `optvis/param/color.py`), before
 * its longest column is scaled to 1.
 */
const colours = [0.26, 0.09, 0.02, 0.27, 0, -0.05, 0.27, -0.09, 0.03]
/** lucid's divisor of the picture before the sigmoid; more of it means less saturated colours. */
const CALM = 4

/**
 * The picture is the sigmoid of mixed colour planes, each the inverse real Fourier transform (orthonormal) of a
 * spectrum whose coefficient at frequency f is the variable over max(f, 1 / longer side).
 *
 * The variable `[n, 3, 2h, floor(w/2) + 1]` holds the rows of the spectrum, the real part of each in row 2k and the
 * imaginary part in row 2k + 1.
 */
export const fourier: Parametrisation = {
  name: 'Fourier, decorrelated colours',
  shape: ([height, width]) => [3, 2 * height, columnsOf(width)],
  append(builder, variable, size) {
    const weighted = builder.op('Mul', [variable, builder.constant(decay(size), 'fourier.decay')])
    const [height, width] = size
    const turned = builder.op('MatMul', [builder.constant(alongColumns(height), 'fourier.rows'), weighted])
    const split = builder.ints([-1, 3, height, 2 * columnsOf(width)])
    const planes = builder.op('MatMul', [
      builder.op('Reshape', [turned, split]),
      builder.constant(alongRows(height, width), 'fourier.columns'),
    ])
    return builder.op('Sigmoid', [appendColours(builder, planes)])
  },
  isPicture: false,
}

/** Coefficients to start from: normal with a standard deviation of 0.01, which is a grey, slightly noisy picture. */
export function fourierNoise(pictures: number, size: Size, random: Random): FloatTensor {
  const shape = [pictures, ...fourier.shape(size)]
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1))
  for (let i = 0; i < data.length; i++) data[i] = 0.01 * random.normal()
  return float32(shape, data)
}

const columnsOf = (width: number) => Math.floor(width / 2) + 1

/** 1 / max(frequency, 1 / longer side) for every coefficient, `[2h, floor(w/2) + 1]`. */
function decay([height, width]: Size): FloatTensor {
  const columns = columnsOf(width)
  const data = new Float32Array(2 * height * columns)
  for (let row = 0; row < 2 * height; row++) {
    const u = row >> 1
    const fy = Math.min(u, height - u) / height
    for (let v = 0; v < columns; v++) {
      const frequency = Math.hypot(fy, v / width)
      data[row * columns + v] = 1 / Math.max(frequency, 1 / Math.max(height, width))
    }
  }
  return float32([2 * height, columns], data)
}

/** The inverse transform along the columns, `[2h, 2h]`, on rows that hold real and imaginary parts in turn. */
function alongColumns(height: number): FloatTensor {
  const data = new Float32Array(4 * height * height)
  for (let y = 0; y < height; y++) {
    for (let u = 0; u < height; u++) {
      const angle = (2 * Math.PI * ((u * y) % height)) / height
      const real = 2 * y * 2 * height + 2 * u
      const imaginary = real + 2 * height
      data[real] = Math.cos(angle)
      data[real + 1] = -Math.sin(angle)
      data[imaginary] = Math.sin(angle)
      data[imaginary + 1] = Math.cos(angle)
    }
  }
  return float32([2 * height, 2 * height], data)
}

/**
 * The inverse transform along the rows to real values, `[2 columns, w]`, with all scalings: a frequency that has a
 * mirror image counts twice.
 */
function alongRows(height: number, width: number): FloatTensor {
  const columns = columnsOf(width)
  const scale = 1 / (Math.sqrt(height * width) * CALM)
  const data = new Float32Array(2 * columns * width)
  for (let v = 0; v < columns; v++) {
    const count = v === 0 || 2 * v === width ? 1 : 2
    for (let x = 0; x < width; x++) {
      const angle = (2 * Math.PI * ((v * x) % width)) / width
      data[v * width + x] = count * scale * Math.cos(angle)
      data[(columns + v) * width + x] = -count * scale * Math.sin(angle)
    }
  }
  return float32([2 * columns, width], data)
}

function appendColours(builder: GraphBuilder, planes: string): string {
  const lengths = [0, 1, 2].map(c => Math.hypot(colours[c]!, colours[3 + c]!, colours[6 + c]!))
  const longest = Math.max(...lengths)
  const mix = float32(
    [3, 3, 1, 1],
    colours.map(v => v / longest),
  )
  return builder.op('Conv', [planes, builder.constant(mix, 'fourier.colours')])
}
