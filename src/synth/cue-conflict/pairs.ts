// Which picture gives the shape of a stimulus and which its texture.

import { InputError, requireInput } from '../../errors/input-error.ts'
import type { Random } from '../../tensor/random.ts'

/** Pictures of one class. */
export interface ClassPictures {
  readonly name: string
  /** Paths below the folder of all. */
  readonly files: readonly string[]
}

/** One stimulus to be made. */
export interface Pair {
  /** `cat/cat1-bird3.png`: shape, number of its picture in its class from 1, texture, number of its picture. */
  readonly path: string
  readonly shape: string
  readonly texture: string
  readonly shapeFile: string
  readonly textureFile: string
}

/**
 * For every two different classes, `perPair` stimuli with the shape of the one and the texture of the other. Pictures
 * are taken in a random order, each as often as the others of its class.
 * @throws InputError when shapes and textures are not of the same classes, a name cannot be told apart in a file's name,
 * or there are not so many different pairs of pictures
 */
export function cueConflictPairs(
  shapes: readonly ClassPictures[],
  textures: readonly ClassPictures[],
  perPair: number,
  random: Random,
): Pair[] {
  checkClasses(shapes, textures)
  return shapes.flatMap(shape =>
    textures
      .filter(texture => texture.name !== shape.name)
      .flatMap(texture => {
        const possible = shape.files.length * texture.files.length
        requireInput(
          perPair <= possible,
          `${shape.name} and ${texture.name} have ${possible} pairs of pictures, fewer than the ${perPair} asked for`,
        )
        const draws = random.fork(`${shape.name} ${texture.name}`)
        const [shapeOrder, textureOrder] = [shape, texture].map(({ files }) =>
          draws.permutation(files.length),
        )
        return Array.from({ length: perPair }, (_, i) => {
          // Both orders go round; after as many pairs as both lengths share, the second is moved on by one.
          const shared = leastCommonMultiple(shape.files.length, texture.files.length)
          const s = shapeOrder![i % shape.files.length]!
          const t = textureOrder![(i + Math.floor(i / shared)) % texture.files.length]!
          return {
            path: `${shape.name}/${shape.name}${s + 1}-${texture.name}${t + 1}.png`,
            shape: shape.name,
            texture: texture.name,
            shapeFile: shape.files[s]!,
            textureFile: texture.files[t]!,
          }
        })
      }),
  )
}

function checkClasses(shapes: readonly ClassPictures[], textures: readonly ClassPictures[]): void {
  const [own, other] = [shapes, textures].map(list => list.map(({ name }) => name)) as [string[], string[]]
  const odd = [
    ...own.filter(name => !other.includes(name)).map(name => `${name} has no textures`),
    ...other.filter(name => !own.includes(name)).map(name => `${name} has no shapes`),
  ]
  if (odd.length > 0) {
    throw new InputError(
      `shapes and textures must be folders of the same classes: ${odd.slice(0, 4).join(', ')}${odd.length > 4 ? ', ...' : ''}`,
    )
  }
  requireInput(own.length >= 2, `a conflict needs at least two classes, found ${own.length}`)
  const unclear = own.filter(name => /-|\d$/.test(name))
  requireInput(
    unclear.length === 0,
    () =>
      `class ${unclear[0]} cannot be told apart in names such as cat1-bird3.png: rename it without - and a digit at its end`,
  )
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b]
  while (y > 0) [x, y] = [y, x % y]
  return (a * b) / x
}
