// The interpolation kernels of Pillow, by the names torchvision and timm use.

/** How resizing weighs source pixels. `nearest` takes one; the others average, and antialias when shrinking. */
export type Filter = 'nearest' | 'box' | 'bilinear' | 'bicubic' | 'lanczos'

/** A kernel that is zero beyond `support` source pixels (scaled up when shrinking). */
export interface Kernel {
  readonly support: number
  weight(x: number): number
}

/** The kernels of the filters that average (Pillow's `BOX`, `BILINEAR`, `BICUBIC` with a = -0.5, `LANCZOS`). */
export const kernels: Readonly<Record<Exclude<Filter, 'nearest'>, Kernel>> = {
  box: { support: 0.5, weight: x => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: x => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, weight: x => keys(Math.abs(x)) },
  lanczos: { support: 3, weight: x => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
}

/** The cubic convolution kernel (Keys 1981) with a = -1/2. */
function keys(x: number): number {
  const a = -0.5
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a
  return 0
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI)
}
