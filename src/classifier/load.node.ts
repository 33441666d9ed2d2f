// Models by path: any exporter's `.onnx`, weights of an architecture of the zoo, folders of either.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { openCheckpoint } from '../checkpoint/file.node.ts'
import { InputError } from '../errors/input-error.ts'
import { readOnnxFile } from '../onnx/file.node.ts'
import type { Graph } from '../onnx/graph.ts'
import type { Runtime } from '../runtime/session.ts'
import { architectures } from '../zoo/architectures.ts'
import { localCopy, modelsFolder } from '../zoo/local-copies.node.ts'
import { NetworkSpec } from '../zoo/network.ts'
import { type PublishedModel, publishedModel, publishedModels } from '../zoo/published.ts'
import { networkFrom } from '../zoo/weights.ts'
import { imageInput } from './border.ts'
import type { Classifier } from './classifier.ts'
import { createClassifier } from './create.ts'
import {
  classesFromTransformers,
  isPreprocessorConfig,
  isTimmConfig,
  manifestFromTimm,
  manifestFromTransformers,
} from './hub.ts'
import {
  checked,
  type Manifest,
  type ModelManifest,
  manifestInNotes,
  mergeManifests,
  parsedJson,
  parseManifest,
  type SourcedManifest,
} from './manifest.ts'

/** A model as it was read, before anything is folded into it. */
export interface ModelFile {
  readonly name: string
  /** The file that holds the weights. */
  readonly file: string
  readonly graph: Graph
  readonly manifest: ModelManifest
  /** Texts that travel in the file: recipe and such. */
  readonly notes: ReadonlyMap<string, string>
}

const weightFiles = ['.safetensors', '.pt', '.pth', '.ckpt', '.bin']

/**
 * Loads a classifier: an `.onnx` file, a checkpoint (`.safetensors`, `.pt`, `.pth`, `.ckpt`, `.bin`; with `arch`
 * unless silhouette wrote it), a folder with one of them, or a published model by name (`resnet50-r`).
 *
 * What `overrides` does not say is taken from `<model>.json` beside the file (a {@link Manifest}), then from the
 * notes that silhouette writes into models, then from timm's or transformers' configs beside it, then from the zoo.
 * @throws InputError for a file that is missing, damaged, no classifier, or whose manifest does not fit.
 */
export async function loadClassifier(
  path: string,
  runtime: Runtime,
  overrides: Manifest = {},
): Promise<Classifier> {
  return classifierOf(readModel(path, overrides), runtime)
}

/** The classifier that a file holds. @throws InputError as {@link createClassifier}. */
export async function classifierOf(file: ModelFile, runtime: Runtime): Promise<Classifier> {
  const { preprocessing, layers, classes } = file.manifest
  return createClassifier({
    name: file.name,
    graph: file.graph,
    runtime,
    preprocessing,
    ...(classes && { classes }),
    ...(layers && { layers }),
  })
}

/** Reads what {@link loadClassifier} loads, for those who want to look at it first. */
export function readModel(path: string, overrides: Manifest = {}): ModelFile {
  const published = existsSync(path) ? undefined : publishedModel(path)
  const file = published ? localCopy(published, modelsFolder()).path : modelFile(path)
  const outside: SourcedManifest[] = [{ source: 'options', manifest: overrides }, ...manifestBeside(file)]
  const hub = hubManifests(file)
  const { graph, notes, zoo } =
    extname(file) === '.onnx' ? readGraph(file) : readWeights(file, [...outside, ...hub], published)
  const noted = { source: 'notes in the file', manifest: manifestInNotes(notes, file) }
  const manifest = mergeManifests([...outside, noted, ...hub, ...zoo], fixedSize(graph))
  const whole = resolve(file === path ? path.slice(0, path.length - extname(path).length) : path)
  return { name: published?.name ?? basename(whole), file, graph, manifest, notes }
}

interface Weights {
  readonly graph: Graph
  readonly notes: ReadonlyMap<string, string>
  /** What the architecture says about itself. */
  readonly zoo: readonly SourcedManifest[]
}

function readGraph(file: string): Weights {
  const graph = readOnnxFile(file)
  return { graph: { ...graph, name: basename(file) }, notes: graph.metadata, zoo: [] }
}

function readWeights(file: string, said: readonly SourcedManifest[], published?: PublishedModel): Weights {
  const checkpoint = openCheckpoint(file)
  try {
    const noted = checkpoint.metadata.get('silhouette.network')
    const what = `the note silhouette.network of ${file}`
    const spec = noted === undefined ? undefined : checked(NetworkSpec, parsedJson(noted, what), what)
    const arch = spec?.arch ?? published?.arch ?? firstOf(said, 'arch')
    if (arch === undefined) {
      throw new InputError(
        `${file} holds weights only: say which network they belong to with --arch (known: ${architectures.join(', ')})`,
      )
    }
    const built = spec ?? { arch, classes: 0, ...sizeOption(said), ...published?.options }
    const { arch: _, classes: __, ...options } = built
    const network = networkFrom(arch, checkpoint.tensors, options)
    const { preprocessing, layers } = network
    const manifest: Manifest = { ...preprocessing, arch, layers: [...layers] }
    return { graph: network.graph, notes: checkpoint.metadata, zoo: [{ source: `zoo (${arch})`, manifest }] }
  } finally {
    checkpoint.close()
  }
}

function firstOf<K extends keyof Manifest>(manifests: readonly SourcedManifest[], field: K) {
  return manifests.find(({ manifest }) => manifest[field] !== undefined)?.manifest[field]
}

/** The zoo's networks are square. */
function sizeOption(said: readonly SourcedManifest[]): { size?: number } {
  const size = firstOf(said, 'size')
  return size === undefined ? {} : { size: size[0] }
}

function fixedSize(graph: Graph): readonly [number, number] | undefined {
  const [height, width] = imageInput(graph).size
  return typeof height === 'number' && typeof width === 'number' ? [height, width] : undefined
}

/** The file with the weights: `path` itself, or what a folder holds. */
function modelFile(path: string): string {
  if (!existsSync(path))
    throw new InputError(
      `no model at ${path}: name an .onnx file, a checkpoint, a folder, or a known model (${publishedModels.map(({ name }) => name).join(', ')})`,
    )
  if (!statSync(path).isDirectory()) {
    const known = ['.onnx', ...weightFiles]
    if (known.includes(extname(path))) return path
    throw new InputError(`${path} is no model: expected a file ending in ${known.join(', ')}`)
  }
  const files = readdirSync(path).sort()
  const preferred = ['model.onnx', 'model.safetensors'].find(name => files.includes(name))
  const candidates = files.filter(name => ['.onnx', ...weightFiles].includes(extname(name)))
  const [only, ...others] = preferred === undefined ? candidates : [preferred]
  if (only === undefined)
    throw new InputError(`the folder ${path} holds no model: expected model.onnx or a checkpoint`)
  if (others.length > 0)
    throw new InputError(`the folder ${path} holds several models: name one of ${candidates.join(', ')}`)
  return join(path, only)
}

/** `model.json` or `model.onnx.json` beside `model.onnx`. */
function manifestBeside(file: string): SourcedManifest[] {
  const stem = file.slice(0, file.length - extname(file).length)
  const path = [`${file}.json`, `${stem}.json`].find(existsSync)
  if (path === undefined) return []
  return [{ source: basename(path), manifest: parseManifest(readFileSync(path, 'utf8'), path) }]
}

/** What timm or transformers left beside `file`, or above it where it lies in a folder `onnx`. */
function hubManifests(file: string): SourcedManifest[] {
  const folder = dirname(file)
  const folders = basename(resolve(folder)) === 'onnx' ? [folder, dirname(resolve(folder))] : [folder]
  const read = (name: string) => {
    const path = folders.map(f => join(f, name)).find(existsSync)
    return path === undefined ? undefined : { path, json: parsedJson(readFileSync(path, 'utf8'), path) }
  }
  const found: SourcedManifest[] = []
  const preprocessor = read('preprocessor_config.json')
  if (preprocessor !== undefined && isPreprocessorConfig(preprocessor.json)) {
    const { path, json } = preprocessor
    found.push({ source: basename(path), manifest: manifestFromTransformers(json, path) })
  }
  const config = read('config.json')
  if (config !== undefined) {
    const { path, json } = config
    const classes = classesFromTransformers(json)
    if (isTimmConfig(json)) found.push({ source: basename(path), manifest: manifestFromTimm(json, path) })
    else if (classes !== undefined) found.push({ source: basename(path), manifest: { classes } })
  }
  return found
}
