// What Python values become. Nothing here is ever called or run: a class is its name, an object of an unknown
// class is a record of what the pickle said about it.
//
// None -> null; int -> number, or bigint where a number is not exact; str, and Python 2's byte str -> string
// (latin-1); bytes, bytearray -> Uint8Array; list, tuple -> array; dict, OrderedDict -> Map; set -> Set.

/** A class or function, by name. */
export class Global {
  constructor(
    readonly module: string,
    readonly name: string,
  ) {}

  get path(): string {
    return `${this.module}.${this.name}`
  }
}

/** An object of a class that is not understood. */
export class Opaque {
  /** What its `__setstate__` would have been given. */
  state: unknown
  /** What would have been appended to it, if it is a kind of list. */
  readonly items: unknown[] = []
  /** What would have been set in it, if it is a kind of dict. */
  readonly entries = new Map<unknown, unknown>()

  /** @param type usually a {@link Global}; a pickle may name anything. */
  constructor(
    readonly type: unknown,
    readonly args: readonly unknown[],
  ) {}
}

/** An understood object that a pickle completes after making it (BUILD). */
export interface Buildable {
  build(state: unknown): void
}

export function isBuildable(value: unknown): value is Buildable {
  return typeof value === 'object' && value !== null && 'build' in value && typeof value.build === 'function'
}

/** Makes the value of a known class or function from its arguments. Must be pure. */
export type Constructor = (args: readonly unknown[]) => unknown
