// Similarities of image pairs. Units share top images, so a pair that was compared once is not compared again,
// and what MS-SSIM prepares per image is kept for the images in use.

import { type MsSsimPyramid, msSsim, msSsimPyramid } from '../../image/ms-ssim.ts'

/** Prepared images that are kept at a time: about 0.1 MB each at 64x64, 1.3 MB at 224x224. */
const KEPT = 256

export class PairCache {
  private readonly known = new Map<number, number>()
  private readonly prepared = new Map<number, MsSsimPyramid>()

  /**
   * @param pictures luma per image, uint8 `[height, width]`
   */
  constructor(
    private readonly pictures: readonly Uint8Array[],
    private readonly height: number,
    private readonly width: number,
  ) {}

  /** MS-SSIM of images `a` and `b`. */
  similarity(a: number, b: number): number {
    const key = Math.min(a, b) * this.pictures.length + Math.max(a, b)
    let value = this.known.get(key)
    if (value === undefined) {
      value = msSsim(this.pyramid(a), this.pyramid(b))
      this.known.set(key, value)
    }
    return value
  }

  private pyramid(image: number): MsSsimPyramid {
    const pyramid =
      this.prepared.get(image) ??
      msSsimPyramid(
        Float32Array.from(this.pictures[image]!, v => v / 255),
        [1, this.height, this.width],
      )
    // Re-inserted, so that the first key is always the one that was used longest ago.
    this.prepared.delete(image)
    this.prepared.set(image, pyramid)
    if (this.prepared.size > KEPT) this.prepared.delete(this.prepared.keys().next().value!)
    return pyramid
  }
}
