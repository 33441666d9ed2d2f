// The manifest of a model: how images become its input, what its outputs are called, where its units live. It is
// put together from whatever says something: notes in the model file, a JSON file beside it, flags.

import { z } from 'zod'
import { imagenetWnids } from '../data/imagenet.ts'
import { InputError } from '../errors/input-error.ts'
import type { Layer } from './classifier.ts'
import { Preprocessing } from './preprocessing.ts'

/** What a manifest file may say; everything else is found elsewhere or defaults. */
export const Manifest = z.strictObject({
  ...Preprocessing.partial().shape,
  /** Architecture of the zoo, for files that hold weights only. */
  arch: z.string().optional(),
  /** Name of each class, in the order of the network's outputs. */
  classes: z.array(z.string()).min(2).optional(),
  layers: z
    .array(z.strictObject({ name: z.string(), value: z.string(), units: z.int().positive() }))
    .optional(),
})

export type Manifest = z.infer<typeof Manifest>

/** A manifest and what it came from: `flags`, `model.json`, …. */
export interface SourcedManifest {
  readonly source: string
  readonly manifest: Manifest
}

/** All that is known of a model beside its graph. */
export interface ModelManifest {
  readonly preprocessing: Preprocessing
  readonly classes: readonly string[] | undefined
  readonly layers: readonly Layer[] | undefined
  readonly arch: string | undefined
  /** Per field where its value came from; `default` where nobody said. */
  readonly origins: Readonly<Record<string, string>>
}

const fields = Object.keys(Preprocessing.shape) as readonly (keyof Preprocessing)[]

/**
 * Merges `manifests`, of which the first that says something about a field wins, over the defaults: RGB in [0, 1],
 * no normalisation, logits, shorter side to size / 0.875 (bilinear) and centre crop; below 160 pixels the whole
 * image is scaled to the size instead.
 * @param size height and width of the network's input, where it fixes them.
 * @throws InputError when nobody knows the size.
 */
export function mergeManifests(
  manifests: readonly SourcedManifest[],
  size: readonly [number, number] | undefined,
): ModelManifest {
  const origins: Record<string, string> = {}
  const merged: Record<string, unknown> = {}
  const graph: SourcedManifest = { source: 'graph', manifest: size ? { size: [size[0], size[1]] } : {} }
  for (const { source, manifest } of [...manifests, graph]) {
    for (const [field, value] of Object.entries(manifest)) {
      if (value === undefined || field in merged) continue
      // A rule that says how to resize goes with its own length, not with another's.
      if (field === 'resizeTo' && 'resize' in merged && origins.resize !== source) continue
      merged[field] = value
      origins[field] = source
    }
  }
  if (merged.size === undefined) {
    throw new InputError('the network takes images of any size: say which one with --size, such as 224')
  }
  const known = Manifest.parse(merged)
  const preprocessing = Preprocessing.parse({
    ...defaultsFor(merged.size as [number, number], known),
    ...Object.fromEntries(fields.filter(f => known[f] !== undefined).map(f => [f, known[f]])),
  })
  for (const field of fields) if (preprocessing[field] !== undefined) origins[field] ??= 'default'
  const { classes, layers, arch } = known
  return { preprocessing, classes, layers, arch, origins }
}

function defaultsFor([height, width]: readonly [number, number], known: Manifest): Preprocessing {
  const small = Math.min(height, width) < 160
  const resize = known.resize ?? (small ? 'exact' : 'short-side')
  return {
    size: [height, width],
    resize,
    ...(resize === 'short-side' && { resizeTo: Math.round(Math.min(height, width) / 0.875) }),
    filter: 'bilinear',
    crop: resize === 'short-side' ? 'center' : 'none',
    channels: 'rgb',
    range: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    output: 'logits',
  }
}

/** Names of `count` classes that nobody named: ImageNet's WordNet ids for 1,000, else `class 0`, `class 1`, …. */
export function defaultClasses(count: number): readonly string[] {
  if (count === imagenetWnids.length) return imagenetWnids
  return Array.from({ length: count }, (_, i) => `class ${i}`)
}

/**
 * The text of a manifest file.
 * @throws InputError naming `what` and the field at fault.
 */
export function parseManifest(text: string, what: string): Manifest {
  return checked(Manifest, parsedJson(text, what), what)
}

/** The notes that silhouette leaves in model files, `silhouette.preprocessing` and so on. */
export function manifestInNotes(notes: ReadonlyMap<string, string>, what: string): Manifest {
  const note = (key: string): unknown => {
    const text = notes.get(`silhouette.${key}`)
    return text === undefined ? undefined : parsedJson(text, `the note silhouette.${key} of ${what}`)
  }
  const found = { ...Object(note('preprocessing')), classes: note('classes'), layers: note('layers') }
  return checked(Manifest, found, `the notes of ${what}`)
}

/** @throws InputError when `text` is not JSON. */
export function parsedJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new InputError(`${what} is not valid JSON`, { cause: error })
  }
}

/** `value` as `schema` has it, or one sentence about the first thing that is wrong. */
export function checked<T extends z.ZodType>(schema: T, value: unknown, what: string): z.infer<T> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const path = issue?.path.join('.')
  const message = issue?.message ?? 'not as expected'
  throw new InputError(`${what}: ${path ? `${path}: ` : ''}${message[0]?.toLowerCase()}${message.slice(1)}`)
}
