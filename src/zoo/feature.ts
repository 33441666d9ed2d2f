// What layers pass to one another while a network is being built.

/** A feature map in the making: value `[n, channels, size, size]`. */
export interface Feature {
  readonly value: string
  readonly channels: number
  readonly size: number
}
