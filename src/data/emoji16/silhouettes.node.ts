// The shapes of emoji16: outlines of icons from npm packages, rendered once and kept in the cache.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { z } from 'zod'
import { InputError } from '../../errors/input-error.ts'
import { cached, hex } from './cache.node.ts'
import { type Category, categories } from './categories.ts'
import { emojiSets, type IconSet, icons, pictogramSets, testSets, validationSets } from './icons.ts'
import { outline, outlineSize } from './outline.ts'

export type Split = 'train' | 'validation' | 'test'

/** One outline and where it comes from. */
export interface Silhouette {
  /** Index into `categories`. */
  readonly category: number
  readonly set: IconSet
  /** Name in its set. */
  readonly icon: string
  readonly split: Split
  /** `[128, 128]`, 0–255 */
  readonly outline: Uint8Array
}

/** Raised when the same icons would give other outlines. */
const version = 1
const renderer = '@resvg/resvg-js'
const sets: readonly IconSet[] = [...emojiSets, ...pictogramSets]
/** Their holes are part of the shape. */
const open: readonly Category[] = ['bicycle', 'chair']

const require = createRequire(import.meta.url)

/**
 * All silhouettes, in a fixed order.
 * @throws InputError naming the packages to install when icon packages or the SVG renderer are missing
 */
export async function silhouettes(cacheDir: string): Promise<readonly Silhouette[]> {
  const packages = installedPackages()
  const blocks = await cached(cacheDir, 'emoji16-silhouettes', { version, packages, icons }, renderAll)
  const entries = Entries.parse(JSON.parse(Buffer.from(blocks.entries ?? []).toString()))
  const pixels = blocks.outlines ?? new Uint8Array()
  const area = outlineSize ** 2
  return entries.map((entry, i) => ({
    ...entry,
    split: splitOf(entry.set),
    outline: pixels.subarray(i * area, (i + 1) * area),
  }))
}

/** Hash of all outlines and their categories; part of the identity of every image made from them. */
export function silhouettesFingerprint(all: readonly Silhouette[]): string {
  const labels = Buffer.from(JSON.stringify(all.map(s => [s.category, s.split])))
  return hex(labels, ...all.map(s => s.outline))
}

const Entries = z.array(z.object({ category: z.int(), set: z.enum(sets), icon: z.string() }))

function splitOf(set: IconSet): Split {
  if (testSets.includes(set)) return 'test'
  return validationSets.includes(set) ? 'validation' : 'train'
}

/** Versions of all packages that outlines are made from. */
function installedPackages(): Record<string, string> {
  const names = [renderer, ...sets.map(set => `@iconify-json/${set}`)]
  const missing: string[] = []
  const versions: Record<string, string> = {}
  for (const name of names) {
    try {
      const manifest: unknown = JSON.parse(readFileSync(require.resolve(`${name}/package.json`), 'utf8'))
      versions[name] = z.object({ version: z.string() }).parse(manifest).version
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error
      missing.push(name)
    }
  }
  if (missing.length > 0) {
    throw new InputError(
      `the emoji16 data set is made from icon packages that are not installed; run: npm install ${missing.join(' ')}`,
    )
  }
  return versions
}

async function renderAll(): Promise<Record<string, Uint8Array>> {
  const { Resvg } = await import('@resvg/resvg-js')
  const alphaOf = (svg: string) => {
    const { pixels } = new Resvg(svg, { font: { loadSystemFonts: false } }).render()
    return Uint8Array.from({ length: outlineSize ** 2 }, (_, i) => pixels[4 * i + 3]!)
  }
  const collections = new Map(sets.map(set => [set, new IconCollection(set)]))
  const entries: z.infer<typeof Entries> = []
  const outlines: Uint8Array[] = []
  for (const [category, name] of categories.entries()) {
    const seen = new Set<string>()
    for (const wanted of icons[name]) {
      const [set, icon] = wanted.split(':')
      const places = icon === undefined ? emojiSets.map(s => [s, wanted] as const) : [[set, icon] as const]
      for (const [from, iconName] of places) {
        const collection = collections.get(sets.find(s => s === from)!)!
        const svg = collection.svg(iconName)
        if (svg === undefined || seen.has(`${from} ${svg}`)) continue
        seen.add(`${from} ${svg}`)
        const shape = outline(alphaOf(svg), !open.includes(name))
        if (shape === undefined) continue
        entries.push({ category, set: collection.set, icon: iconName })
        outlines.push(shape)
      }
    }
  }
  return { entries: Buffer.from(JSON.stringify(entries)), outlines: Buffer.concat(outlines) }
}

const Icon = z.object({
  body: z.string(),
  left: z.number().default(0),
  top: z.number().default(0),
  width: z.number().optional(),
  height: z.number().optional(),
})
const Collection = z.object({
  icons: z.custom<Record<string, unknown>>(value => typeof value === 'object' && value !== null),
  aliases: z.record(z.string(), z.object({ parent: z.string() })).default({}),
  width: z.number().default(16),
  height: z.number().default(16),
})

/** The icons of one package. */
class IconCollection {
  private readonly content: z.infer<typeof Collection>

  constructor(readonly set: IconSet) {
    const path = require.resolve(`@iconify-json/${set}/icons.json`)
    this.content = Collection.parse(JSON.parse(readFileSync(path, 'utf8')))
  }

  /** The icon as an SVG document with a margin of 2 %; undefined when the set has none of this name. */
  svg(name: string): string | undefined {
    const { icons, aliases } = this.content
    let own = name
    for (let alias = aliases[own]; alias !== undefined; alias = aliases[own]) own = alias.parent
    if (icons[own] === undefined) return undefined
    const {
      body,
      left,
      top,
      width = this.content.width,
      height = this.content.height,
    } = Icon.parse(icons[own])
    const margin = 0.02 * Math.max(width, height)
    const box = [left - margin, top - margin, width + 2 * margin, height + 2 * margin].join(' ')
    const size = `width="${outlineSize}" height="${outlineSize}"`
    const content = body.replaceAll('currentColor', '#000')
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ` +
      `viewBox="${box}" ${size}>${content}</svg>`
    )
  }
}
