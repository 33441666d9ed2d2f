// Fails when an import goes up the layers, when imports form a cycle, or when a file outside runtime/ imports
// onnxruntime. Reads the sources as text: type imports count, since they are dependencies too.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const root = 'src'
// Lower index = lower layer. Folders in one row may import one another.
const layers = [
  ['errors', 'tensor', 'files', 'progress'],
  ['onnx', 'image', 'distort', 'checkpoint'],
  ['zoo', 'data', 'runtime', 'grad'],
  ['classifier'],
  ['attack'],
  ['probe', 'synth', 'train'],
  ['study', 'sweep'],
  ['audit'],
  ['report'],
  ['cli'],
]
const depth = new Map(layers.flatMap((row, i) => row.map(folder => [folder, i])))
const files = readdirSync(root, { recursive: true })
  .map(String)
  .filter(f => /\.[jt]s$/.test(f))
const importPattern =
  /^\s*(?:import|export)\b[^'";]*?from\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|^\s*import\s*'([^']+)'/gm
const faults = []
const edges = new Map()

for (const file of files) {
  const folder = file.includes('/') ? file.slice(0, file.indexOf('/')) : undefined
  if (folder !== undefined && !depth.has(folder)) faults.push(`${file}: folder ${folder} has no layer`)
  const targets = []
  for (const match of readFileSync(join(root, file), 'utf8').matchAll(importPattern)) {
    const target = match[1] ?? match[2] ?? match[3]
    if (/^onnxruntime-/.test(target) && folder !== 'runtime')
      faults.push(`${file}: imports ${target} outside runtime/`)
    if (!target.startsWith('.')) continue
    const path = relative(root, join(root, dirname(file), target))
    if (!target.endsWith('.json')) targets.push(path)
    const other = path.includes('/') ? path.slice(0, path.indexOf('/')) : undefined
    if (folder !== undefined && other !== undefined && (depth.get(other) ?? 0) > (depth.get(folder) ?? 0)) {
      faults.push(`${file}: imports ${path}, which is a higher layer`)
    }
  }
  edges.set(file, targets)
}

const state = new Map()
function visit(file, path) {
  if (state.get(file) === 'done') return
  if (state.get(file) === 'open') {
    faults.push(`cycle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`)
    return
  }
  state.set(file, 'open')
  for (const target of edges.get(file) ?? []) visit(target, [...path, file])
  state.set(file, 'done')
}
for (const file of files) visit(file, [])

if (faults.length > 0) {
  console.error(faults.join('\n'))
  process.exit(1)
}
console.log(`layers: ${files.length} files, no import goes up, no cycles`)
