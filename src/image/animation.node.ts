// Several pictures as one that moves: animated WebP, which browsers show like any image.

import sharp from 'sharp'
import { InputError } from '../errors/input-error.ts'
import type { Pixels } from './pixels.ts'

/**
 * The frames as an endless animation, `delay` milliseconds each, the last one ten times as long.
 * @throws InputError when there is no frame or they differ in size.
 */
export async function encodeAnimation(frames: readonly Pixels[], delay = 120): Promise<Uint8Array> {
  const [first] = frames
  if (first === undefined) throw new InputError('an animation needs at least one frame')
  const { width, height, channels } = first
  const size = width * height * channels
  const data = new Uint8Array(frames.length * size)
  for (const [i, frame] of frames.entries()) {
    if (frame.width !== width || frame.height !== height || frame.channels !== channels) {
      throw new InputError(
        `frames must have one size: the first is ${width}x${height}, frame ${i} is ${frame.width}x${frame.height}`,
      )
    }
    data.set(frame.data, i * size)
  }
  const raw = { width, height: frames.length * height, channels, pageHeight: height }
  const delays = frames.map((_, i) => (i === frames.length - 1 ? 10 * delay : delay))
  return sharp(data, { raw }).webp({ loop: 0, delay: delays, quality: 80 }).toBuffer()
}
