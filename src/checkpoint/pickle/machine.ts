// The pickle virtual machine, restricted: it moves values between stack, memo and containers and calls
// nothing but the pure constructors it was given. Work and memory are bounded by the length of the input.

import { Cursor } from './cursor.ts'
import { type Constructor, Global, isBuildable, Opaque } from './values.ts'

/** Operations one pickle may have: far above real checkpoints, below what could exhaust memory. */
const maxOperations = 4_000_000
const maxMarks = 1000

export interface MachineOptions {
  /** Known classes and functions by path (`collections.OrderedDict`). */
  readonly constructors: ReadonlyMap<string, Constructor>
  /** Gives the value behind a persistent id; without it a pickle with one is refused. */
  readonly persistent?: (id: unknown) => unknown
}

export class Machine {
  readonly cursor: Cursor
  private stack: unknown[] = []
  private readonly marks: unknown[][] = []
  private readonly memo = new Map<number, unknown>()
  private operations = 0
  private copied = 0

  constructor(
    bytes: Uint8Array,
    at: number,
    private readonly options: MachineOptions,
  ) {
    this.cursor = new Cursor(bytes, at)
  }

  /** Counts an operation. */
  tick(): void {
    if (++this.operations > maxOperations) throw this.cursor.fault(`more than ${maxOperations} operations`)
  }

  push(value: unknown): void {
    this.stack.push(value)
  }

  pop(): unknown {
    if (this.stack.length === 0) throw this.cursor.fault('a value is missing on the stack')
    return this.stack.pop()
  }

  top(): unknown {
    if (this.stack.length === 0) throw this.cursor.fault('a value is missing on the stack')
    return this.stack.at(-1)
  }

  mark(): void {
    if (this.marks.length >= maxMarks) throw this.cursor.fault(`nested more than ${maxMarks} deep`)
    this.marks.push(this.stack)
    this.stack = []
  }

  /** The values above the last mark, which is removed. */
  popMark(): unknown[] {
    const below = this.marks.pop()
    if (below === undefined) throw this.cursor.fault('a mark is missing on the stack')
    const values = this.stack
    this.stack = below
    return values
  }

  /** POP: removes the topmost value, or the mark if there is nothing above it. */
  discard(): void {
    if (this.stack.length > 0) this.stack.pop()
    else this.popMark()
  }

  get(index: number): void {
    if (!this.memo.has(index)) throw this.cursor.fault(`memo ${index} was never set`)
    this.push(this.memo.get(index))
  }

  put(index: number): void {
    this.memo.set(index, this.top())
  }

  memoize(): void {
    this.put(this.memo.size)
  }

  persistent(id: unknown): void {
    if (!this.options.persistent) throw this.cursor.fault('it refers to data outside itself')
    this.push(this.options.persistent(id))
  }

  /** Makes an object: known classes through their constructor, all others as a record. */
  construct(type: unknown, args: unknown): void {
    if (!Array.isArray(args)) throw this.cursor.fault('arguments are not a tuple')
    const known = type instanceof Global ? this.options.constructors.get(type.path) : undefined
    if (known) this.spend(args)
    this.push(known ? known(args) : new Opaque(type, args))
  }

  append(values: readonly unknown[]): void {
    const list = this.top()
    if (list instanceof Opaque) this.extend(list.items, values)
    else if (Array.isArray(list)) this.extend(list, values)
    else throw this.cursor.fault('values are appended to what is no list')
  }

  setItems(pairs: readonly unknown[]): void {
    const top = this.top()
    const map = top instanceof Opaque ? top.entries : top
    if (!(map instanceof Map)) throw this.cursor.fault('items are set in what is no dict')
    if (pairs.length % 2) throw this.cursor.fault('a key has no value')
    for (let i = 0; i < pairs.length; i += 2) map.set(pairs[i], pairs[i + 1])
  }

  addItems(values: readonly unknown[]): void {
    const set = this.top()
    if (set instanceof Opaque) this.extend(set.items, values)
    else if (set instanceof Set) for (const value of values) set.add(value)
    else throw this.cursor.fault('values are added to what is no set')
  }

  build(state: unknown): void {
    const top = this.top()
    if (top instanceof Opaque) top.state = state
    else if (isBuildable(top)) {
      this.spend(Array.isArray(state) ? state : [])
      top.build(state)
    }
    // Other containers (an OrderedDict with attributes) keep their items; their attributes mean nothing here.
  }

  /** Counts what a constructor may copy: a few bytes of pickle could ask for the same big value many times. */
  private spend(values: readonly unknown[]): void {
    for (const value of values) {
      if (typeof value === 'string' || value instanceof Uint8Array) this.copied += value.length
      else if (Array.isArray(value)) this.copied += 4 * value.length
      else if (value instanceof Map || value instanceof Set) this.copied += 8 * value.size
    }
    if (this.copied > 1_000_000 + 4 * this.cursor.bytes.length)
      throw this.cursor.fault('it copies the same values again and again')
  }

  private extend(list: unknown[], values: readonly unknown[]): void {
    for (const value of values) list.push(value)
  }
}
