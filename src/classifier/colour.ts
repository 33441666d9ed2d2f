// The part of preprocessing that is arithmetic on colours, outside the graph: what a network sees, and what would
// have to be fed so that it sees what another manifest gives it.

import { elementCount } from '../tensor/shape.ts'
import { type FloatTensor, float32 } from '../tensor/tensor.ts'
import { normalises } from './lint.ts'
import type { Preprocessing } from './preprocessing.ts'

/** The fields of a manifest that change colours. */
export type Colour = Pick<Preprocessing, 'channels' | 'range' | 'mean' | 'std'>

/** `bgr, range 255, mean 103.9 116.8 123.7, std 1 1 1` */
export function describeColour({ channels, range, mean, std }: Colour): string {
  const list = (values: readonly number[]) => values.map(value => Number(value.toPrecision(4))).join(' ')
  return `${channels}, range ${range}, mean ${list(mean)}, std ${list(std)}`
}

/**
 * Images `[n, 3, h, w]` in [0, 1] as the network sees them under `colour`: its own channel order,
 * (range * x - mean) / std.
 */
export function seenBy(images: FloatTensor, { channels, range, mean, std }: Colour): FloatTensor {
  return perChannel(images, c => ({
    from: channels === 'bgr' ? 2 - c : c,
    scale: range / std[c]!,
    offset: -mean[c]! / std[c]!,
  }))
}

/** What must be fed to a classifier with manifest `own` so that its network sees `images` as under `other`. */
export function recoloured(images: FloatTensor, other: Colour, own: Colour): FloatTensor {
  const back = (c: number) => (own.channels === 'bgr' ? 2 - c : c)
  return perChannel(seenBy(images, other), c => ({
    from: back(c),
    scale: own.std[back(c)]! / own.range,
    offset: own.mean[back(c)]! / own.range,
  }))
}

interface ChannelRule {
  readonly from: number
  readonly scale: number
  readonly offset: number
}

function perChannel(images: FloatTensor, rule: (channel: number) => ChannelRule): FloatTensor {
  const { shape, data } = images
  const [n = 0, , ...rest] = shape
  const area = elementCount(rest)
  const out = new Float32Array(data.length)
  for (let c = 0; c < 3; c++) {
    const { from, scale, offset } = rule(c)
    for (let image = 0; image < n; image++) {
      const source = (3 * image + from) * area
      const target = (3 * image + c) * area
      for (let i = 0; i < area; i++) out[target + i] = data[source + i]! * scale + offset
    }
  }
  return float32(shape, out)
}

const normalisations = [
  { range: 1, mean: [0, 0, 0], std: [1, 1, 1] },
  { range: 1, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  { range: 1, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  { range: 255, mean: [0, 0, 0], std: [1, 1, 1] },
  // Caffe's and Keras's older networks: means alone, of 0-255.
  { range: 255, mean: [123.68, 116.779, 103.939], std: [1, 1, 1] },
] as const

/** The manifests that networks in use want, all but `own`; means are in the order of the channels. */
export function commonColours(own: Colour): Colour[] {
  const all = (['rgb', 'bgr'] as const).flatMap(channels =>
    [{ range: own.range, mean: own.mean, std: own.std }, ...normalisations].map(
      ({ range, mean, std }): Colour => {
        const isOwn = mean === own.mean
        const flip = isOwn ? channels !== own.channels : channels === 'bgr'
        const ordered = (values: readonly number[]) =>
          (flip ? [...values].reverse() : [...values]) as [number, number, number]
        return { channels, range, mean: ordered(mean), std: ordered(std) }
      },
    ),
  )
  const seen = new Set([describeColour(own)])
  return all.filter(colour => {
    const text = describeColour(colour)
    return !seen.has(text) && seen.add(text)
  })
}

/** The one thing in which `better` differs from `own`, as the code of a lint. */
export function differenceOf(own: Colour, better: Colour) {
  if (own.range !== better.range) return 'range'
  const same = own.mean.every((m, c) => m === better.mean[own.channels === better.channels ? c : 2 - c])
  if (same) return 'channel-order'
  if (normalises(own) && !normalises(better)) return 'double-normalisation'
  return normalises(own) ? 'accuracy' : 'no-normalisation'
}
