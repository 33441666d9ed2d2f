// Makes a folder in Broden's layout from a user's images and whatever annotates them: COCO-style JSON, label maps,
// class folders, and the colours of the images themselves.

import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { InputError } from '../errors/input-error.ts'
import { makeFolder, writeFileAtomic } from '../files/atomic.node.ts'
import { basicColours, nameColours } from '../image/basic-colours.ts'
import { decodeImage, encodePng } from '../image/codec.node.ts'
import { centerBox, fitted, resizedExtent } from '../image/geometry.ts'
import type { Pixels } from '../image/pixels.ts'
import { type Progress, silent } from '../progress/progress.ts'
import { brodenCategories } from './broden.ts'
import { encodeMask } from './broden-mask.node.ts'
import { type BrodenEntry, BrodenTables } from './broden-tables.ts'
import { type CocoAnnotations, readCoco } from './coco.ts'
import type { Concept } from './concepts.ts'
import { fileBytes } from './file.node.ts'
import { imagesIn } from './image-list.node.ts'
import { type LabelNames, readLabelMap, readLabelNames } from './label-maps.node.ts'
import type { Mask, MaskGrid } from './mask-shapes.ts'
import { inParallel } from './read-ahead.ts'

export interface ConceptFolderOptions {
  /** Folder of images, searched with all folders below. */
  readonly images: string
  /** A folder that does not exist yet, or is empty. */
  readonly out: string
  /** COCO-style JSON whose file names are paths below `images`. */
  readonly coco?: string | undefined
  /** Folder of label maps: `<image without ending>.png`; needs `names`. */
  readonly labels?: string | undefined
  /** Table of the labels' names: see {@link readLabelNames}. */
  readonly names?: string | undefined
  /** Category of concepts that do not say theirs. Default `object`. */
  readonly category?: string | undefined
  /** Every image's folder is the scene that it shows. */
  readonly scenes?: boolean | undefined
  /** Mark the eleven basic colours, found in the images, unless a colour is annotated. Default true. */
  readonly colours?: boolean | undefined
  /** Pixels per side of the images that are written (short side scaled, middle cut out). Even. Default 224. */
  readonly size?: number | undefined
  readonly progress?: Progress | undefined
  readonly signal?: AbortSignal | undefined
}

export interface ConceptFolder {
  readonly images: number
  readonly concepts: readonly (Concept & { readonly images: number })[]
}

/** What annotates the images, read but for the label maps. */
interface Sources {
  readonly coco: CocoAnnotations | undefined
  readonly names: LabelNames
  readonly scenes: boolean
  readonly colours: boolean
}

/** Images read, marked and written at the same time. */
const LANES = 8

/**
 * Writes the folder; it appears when everything is in it. Masks have half the images' size.
 * @throws InputError when nothing annotates the images, an annotation is malformed, or a place is not writable
 */
export async function buildConceptFolder(options: ConceptFolderOptions): Promise<ConceptFolder> {
  const { images: root, out, size = 224, progress = silent, signal } = options
  if (size % 2 !== 0) throw new InputError(`the size of the images must be even, found ${size}`)
  if (existsSync(out) && readdirSync(out).length > 0)
    throw new InputError(`${out} is not empty; name a new folder`)
  const files = imagesIn(root)
  if (files.length === 0) throw new InputError(`${root} has no images`)
  const sources = readSources(options, files)
  const concepts = conceptsOf(sources, files, options.category ?? 'object')
  const numberOf = new Map(concepts.map(({ category, name, number }) => [`${category} ${name}`, number]))
  const tables = new BrodenTables(concepts)
  const building = `${out}.${process.pid}.tmp`
  const task = progress.start('building concepts', files.length, 'images')
  try {
    makeFolder(join(building, 'images'))
    for (let from = 0; from < files.length; from += LANES) {
      signal?.throwIfAborted()
      const part = files.slice(from, from + LANES)
      const entries = new Array<BrodenEntry>(part.length)
      const faults = await inParallel(part.length, async i => {
        const marks = await marksOf(part[i]!, options, sources)
        const numbered = marks.map(({ category, name, mask }) => ({
          category,
          number: numberOf.get(`${category} ${name}`)!,
          mask,
        }))
        const stem = basename(part[i]!)
          .replace(/\.[^.]+$/, '')
          .replaceAll(/[^\w-]+/g, '_')
        const name = `${String(from + i).padStart(6, '0')}-${stem}`
        entries[i] = await writeEntry(join(root, part[i]!), name, numbered, building, size, sources.colours)
      })
      for (const fault of faults.values()) throw fault
      for (const entry of entries) tables.add(entry)
      task.advance(part.length)
    }
    for (const [name, text] of Object.entries(tables.files())) writeFileAtomic(join(building, name), text)
    makeFolder(dirname(out))
    rmSync(out, { recursive: true, force: true })
    renameSync(building, out)
  } catch (error) {
    rmSync(building, { recursive: true, force: true })
    throw error
  }
  task.end()
  return {
    images: files.length,
    concepts: concepts.map(concept => ({ ...concept, images: tables.frequency(concept.number) })),
  }
}

function readSources(options: ConceptFolderOptions, files: readonly string[]): Sources {
  const { coco: json, labels, names: table, scenes = false, colours = true, category, images: root } = options
  if (category !== undefined && !brodenCategories.some(known => known === category))
    throw new InputError(`unknown category: ${category} (known: ${brodenCategories.join(', ')})`)
  if ((labels === undefined) !== (table === undefined))
    throw new InputError(
      'label maps and the table of their names go together: give both --labels and --names',
    )
  if (labels !== undefined && !existsSync(labels)) throw new InputError(`${labels}: no such folder`)
  const text = (path: string) => new TextDecoder().decode(fileBytes(path))
  const coco = json === undefined ? undefined : readCoco(text(json), json)
  if (json !== undefined && !files.some(file => coco!.marks.has(file))) {
    throw new InputError(`${json} lists none of the ${files.length} images in ${root}, such as ${files[0]}`)
  }
  const names = table === undefined ? new Map() : readLabelNames(text(table), table)
  if (scenes && files.some(file => !file.includes('/')))
    throw new InputError(`${root} has images outside of folders, so that their scene is not known`)
  const isAnnotated = category === 'color' || [...names.values()].some(name => name.category === 'color')
  if (!coco && names.size === 0 && !scenes && (!colours || isAnnotated))
    throw new InputError(
      'nothing annotates the images: give --coco, --labels with --names, --scenes or colours',
    )
  return { coco, names, scenes, colours: colours && !isAnnotated }
}

type Named = Pick<Concept, 'category' | 'name'>

/** Every concept that may be marked, numbered category by category in Broden's order. */
function conceptsOf(sources: Sources, files: readonly string[], fallback: string): Concept[] {
  const all: Named[] = [
    ...(sources.colours ? basicColours.map(colour => ({ category: 'color', name: `${colour}-c` })) : []),
    ...(sources.coco?.categories.map(category => namedCoco(category, fallback)) ?? []),
    ...[...sources.names.values()].map(({ name, category }) => ({ name, category: category ?? fallback })),
    ...(sources.scenes ? files.map(file => ({ category: 'scene', name: sceneOf(file) })) : []),
  ]
  const unique = new Map(all.map(named => [`${named.category} ${named.name}`, named]))
  const concepts = brodenCategories
    .flatMap(category => [...unique.values()].filter(named => named.category === category))
    .map((named, i) => ({ number: i + 1, ...named }))
  if (concepts.length > 65535) throw new InputError(`masks hold 65535 concepts, found ${concepts.length}`)
  return concepts
}

const sceneOf = (file: string) => file.slice(0, file.indexOf('/'))

const namedCoco = (
  { name, supercategory }: CocoAnnotations['categories'][number],
  fallback: string,
): Named => ({ name, category: brodenCategories.find(known => known === supercategory) ?? fallback })

interface Mark extends Named {
  /** Undefined: the whole image. */
  readonly mask: ((grid: MaskGrid) => Mask) | undefined
}

async function marksOf(
  file: string,
  { labels, category: fallback = 'object' }: ConceptFolderOptions,
  { coco, names, scenes }: Sources,
): Promise<Mark[]> {
  const marks: Mark[] = (coco?.marks.get(file) ?? []).map(({ category, mask }) => ({
    ...namedCoco(coco!.categories[category]!, fallback),
    mask,
  }))
  for (const { pixel, mask } of labels === undefined ? [] : await readLabelMap(labels, file, names)) {
    const { name, category = fallback } = names.get(pixel)!
    marks.push({ name, category, mask })
  }
  if (scenes) marks.push({ category: 'scene', name: sceneOf(file), mask: undefined })
  return marks
}

/** Writes one image and its masks. */
async function writeEntry(
  path: string,
  name: string,
  marks: readonly (Pick<Mark, 'category' | 'mask'> & { readonly number: number })[],
  folder: string,
  size: number,
  withColours: boolean,
): Promise<BrodenEntry> {
  const geometry = {
    size: [size, size],
    resize: 'short-side',
    resizeTo: size,
    filter: 'bilinear',
    crop: 'center',
  } as const
  const original = await decodeImage(fileBytes(path), path)
  const image = fitted(original, geometry, path)
  const half = size / 2
  const resized = resizedExtent([original.width, original.height], geometry)
  const box = centerBox(resized, [size, size])
  const centres = (start: number, from: number, to: number) =>
    Float64Array.from({ length: half }, (_, i) => ((start + 2 * i + 1) * from) / to)
  const grid = {
    xs: centres(box.left, original.width, resized[0]),
    ys: centres(box.top, original.height, resized[1]),
  }
  const layers = new Map<string, Uint16Array[]>()
  const cells = new Map<string, (string | number)[]>()
  const whole: number[] = []
  for (const { category, number, mask } of marks) {
    if (mask !== undefined) paint(layers, category, number, mask(grid))
    else if (!whole.includes(number)) {
      whole.push(number)
      cells.set(category, [...(cells.get(category) ?? []), number])
    }
  }
  if (withColours) layers.set('color', [colourMap(image, half)])
  writeFileSync(join(folder, 'images', `${name}.png`), await encodePng(image))
  for (const [category, maps] of layers) {
    for (const [k, map] of maps.entries()) {
      const file = `${name}_${category}${k > 0 ? `_${k + 1}` : ''}.png`
      writeFileSync(join(folder, 'images', file), await encodeMask(map, half, half))
      cells.set(category, [...(cells.get(category) ?? []), file])
    }
  }
  const masks = { height: half, width: half, maps: [...layers.values()].flat(), whole }
  return { image: `${name}.png`, size: [size, size], masks, cells }
}

/**
 * Marks a concept on the first map of its category on which it covers no other; a further map where it would:
 * a rider and a horse are both there.
 */
function paint(layers: Map<string, Uint16Array[]>, category: string, number: number, mask: Mask): void {
  if (!mask.includes(1)) return
  const maps = layers.get(category) ?? []
  layers.set(category, maps)
  let map = maps.find(candidate =>
    candidate.every((other, p) => mask[p] === 0 || other === 0 || other === number),
  )
  if (map === undefined) {
    map = new Uint16Array(mask.length)
    maps.push(map)
  }
  for (let p = 0; p < mask.length; p++) if (mask[p] === 1) map[p] = number
}

/** The name of every 2x2 block's mean colour: colours are the first concepts, numbered from 1. */
function colourMap({ data, width }: Pixels, half: number): Uint16Array {
  const planes = new Float32Array(3 * half * half)
  for (let y = 0; y < 2 * half; y++) {
    for (let x = 0; x < 2 * half; x++) {
      const at = (y >> 1) * half + (x >> 1)
      for (let c = 0; c < 3; c++) planes[c * half * half + at]! += data[3 * (y * width + x) + c]! / (4 * 255)
    }
  }
  return Uint16Array.from(nameColours(planes, half * half), name => 1 + name)
}
