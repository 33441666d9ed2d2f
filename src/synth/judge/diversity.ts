// Whether pictures that should differ do: a prior that has collapsed makes the same picture again and again.

import { msSsim, msSsimPyramid } from '../../image/ms-ssim.ts'
import type { FloatTensor } from '../../tensor/tensor.ts'

/** 1 - MS-SSIM of every pair of `[n, 3, h, w]`, per picture the mean over its pairs. */
export function pictureDiversity(pictures: FloatTensor): Float64Array {
  const [n = 0, , height = 0, width = 0] = pictures.shape
  const values = 3 * height * width
  const pyramids = Array.from({ length: n }, (_, i) =>
    msSsimPyramid(pictures.data.subarray(i * values, (i + 1) * values), [3, height, width]),
  )
  const sums = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const distance = 1 - msSsim(pyramids[i]!, pyramids[j]!)
      sums[i]! += distance
      sums[j]! += distance
    }
  }
  return sums.map(sum => sum / Math.max(1, n - 1))
}
