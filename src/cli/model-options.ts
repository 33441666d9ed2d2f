// What a command line says about a model file beyond its path.

import type { Manifest } from '../classifier/manifest.ts'
import { InputError } from '../errors/input-error.ts'

export interface ModelOptions {
  readonly arch?: string | undefined
  readonly mean?: [number, number, number] | undefined
  readonly std?: [number, number, number] | undefined
}

/** The overrides for `loadClassifier`. @throws InputError for a standard deviation that is not positive. */
export function manifestOf({ arch, mean, std }: ModelOptions): Manifest {
  if (std?.some(value => value <= 0)) throw new InputError(`--std must be positive, found ${std.join(',')}`)
  return { ...(arch !== undefined && { arch }), ...(mean && { mean }), ...(std && { std }) }
}
