// What a long attack has finished, piece by piece, so that a run that was stopped goes on after its last piece and
// ends with the bytes of one that was not.

import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readNpy, writeNpy } from '../data/npy.ts'
import { InputError } from '../errors/input-error.ts'
import { writeFileAtomic } from '../files/atomic.node.ts'
import { asFloat32, type FloatTensor } from '../tensor/tensor.ts'
import { warningKinds } from './warnings.ts'

const Point = z.object({
  epsilon: z.number(),
  adversarial: z.array(z.boolean()),
  /** In the attack's norm. */
  distance: z.array(z.number()),
  queries: z.array(z.number()),
  /** What another network makes of the images, where one was asked. */
  transferred: z.array(z.boolean()).optional(),
})

/** What came of some of the images. */
export const PieceFacts = z.object({
  /** Whether each image was classified as its label before. */
  right: z.array(z.boolean()),
  /** The same of another network, where one was asked. */
  rightThere: z.array(z.boolean()).optional(),
  /** One per radius, ascending. */
  points: z.array(Point),
  stages: z.array(z.object({ attack: z.string(), attempted: z.number(), broken: z.number() })),
  warnings: z.array(z.object({ kind: z.enum(warningKinds), count: z.number(), of: z.number() })),
})
export type PieceFacts = z.infer<typeof PieceFacts>

export interface Piece {
  readonly facts: PieceFacts
  /** Perturbed images, one batch per radius. */
  readonly images: readonly FloatTensor[]
}

/** The finished pieces of one run, in a folder of their own. */
export class Pieces {
  /**
   * @param identity everything the result depends on, as text
   * @param resume whether to go on with what is there; else it is thrown away
   * @throws InputError when what is there belongs to another run
   */
  constructor(
    private readonly folder: string,
    identity: string,
    resume: boolean,
  ) {
    const path = join(folder, 'run.txt')
    if (!resume) this.clear()
    else if (existsSync(path) && readFileSync(path, 'utf8') !== identity) {
      throw new InputError(
        `${folder} holds another run, with other settings, images or weights: leave out --resume to start again`,
      )
    }
    writeFileAtomic(path, identity)
  }

  /** The finished piece `k`; undefined when it is not there. */
  read(k: number): Piece | undefined {
    const path = join(this.folder, `${k}.json`)
    if (!existsSync(path)) return undefined
    const facts = PieceFacts.parse(JSON.parse(readFileSync(path, 'utf8')))
    const images = facts.points.map((_, i) =>
      asFloat32(readNpy(readFileSync(join(this.folder, `${k}-${i}.npy`)))),
    )
    return { facts, images }
  }

  /** The facts last: a piece without them was not finished. */
  write(k: number, { facts, images }: Piece): void {
    for (const [i, batch] of images.entries())
      writeFileAtomic(join(this.folder, `${k}-${i}.npy`), writeNpy(batch))
    writeFileAtomic(join(this.folder, `${k}.json`), JSON.stringify(facts))
  }

  clear(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
