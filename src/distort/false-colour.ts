// Every colour turned into its opponent, lightness kept: what is left of a decision that rests on colour.

import { float32 } from '../tensor/tensor.ts'
import { type Distortion, imageShape } from './distortion.ts'

/**
 * Both chroma components (ITU-R BT.601) change their sign: red becomes cyan, blue becomes yellow. Where such a colour
 * does not exist at that lightness, it becomes paler (towards grey) until it does, so that luma never changes.
 */
export const falseColour: Distortion = {
  name: 'false-colour',
  settings: {},
  apply(images) {
    const [n, height, width] = imageShape(images)
    const area = height * width
    const { data } = images
    const out = new Float32Array(data.length)
    for (let image = 0; image < n; image++) {
      const red = 3 * image * area
      for (let i = red; i < red + area; i++) {
        const rgb = [data[i]!, data[i + area]!, data[i + 2 * area]!] as const
        const luma = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]
        // Chroma is linear in a pixel's distance from its grey, so changing its sign mirrors the pixel there.
        let paler = 1
        for (const value of rgb) {
          const mirrored = luma - value
          if (mirrored > 0) paler = Math.min(paler, (1 - luma) / mirrored)
          else if (mirrored < 0) paler = Math.min(paler, -luma / mirrored)
        }
        for (let c = 0; c < 3; c++) {
          out[i + c * area] = Math.max(0, Math.min(1, luma + paler * (luma - rgb[c]!)))
        }
      }
    }
    return float32(images.shape, out)
  },
}
