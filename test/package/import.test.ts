// The package as a library: every entry can be imported, and entries for pages pull in nothing of Node.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { installed, node, workspace } from './workspace.ts'

const Conditions = z.union([
  z.string(),
  z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())])),
])
const { exports: entries } = z
  .object({ exports: z.record(z.string(), Conditions) })
  .parse(JSON.parse(readFileSync('package.json', 'utf8')))
const names = Object.keys(entries)
  .filter(name => name !== './package.json')
  .map(name => name.replace(/^\./, 'silhouette'))

function fileOf(name: string, condition: 'node' | 'default'): string {
  const entry = entries[name.replace(/^silhouette/, '.')]
  const chosen = typeof entry === 'object' && condition === 'node' ? (entry.node ?? entry) : entry
  const file = typeof chosen === 'string' ? chosen : chosen?.default
  if (typeof file !== 'string') throw new Error(`${name} has no ${condition} entry`)
  return join(installed, file)
}

test('every entry has code and types', () => {
  for (const name of names) {
    for (const condition of ['node', 'default'] as const) {
      const file = fileOf(name, condition)
      expect(existsSync(file), file).toBe(true)
      expect(existsSync(file.replace(/\.js$/, '.d.ts')), file).toBe(true)
    }
  }
})

test('every entry can be imported in Node, silently', async () => {
  const script = join(workspace, 'import-all.mjs')
  const own = names.filter(name => name !== 'silhouette/runtime/web')
  writeFileSync(
    script,
    `const names = ${JSON.stringify(own)}
for (const name of names) {
  const module = await import(name)
  console.log(name, Object.keys(module).length)
}`,
  )
  const { code, out, err } = await node([script])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(
    out
      .trim()
      .split('\n')
      .map(line => line.split(' ')[0]),
  ).toEqual(own)
})

test('the example of the README works: a network, an input gradient, an attack', async () => {
  const script = join(workspace, 'library.mjs')
  writeFileSync(
    script,
    `import { buildNetwork, createClassifier, float32, nodeRuntime, pgd, Random } from 'silhouette'
const random = new Random(0)
const { graph, preprocessing, layers } = buildNetwork('mini-res', { classes: 2, size: 16, width: 4, random })
const classes = ['cat', 'dog']
const model = await createClassifier({ name: 'net', graph, preprocessing, layers, classes, runtime: nodeRuntime() })
const images = float32([2, 3, 16, 16], Float32Array.from({ length: 2 * 768 }, () => random.uniform()))
const { gradient } = await model.lossGradient(images, Int32Array.of(0, 1))
const attack = await pgd(model, { images, labels: Int32Array.of(0, 1) }, { norm: 'L2', epsilon: 1, steps: 3 })
console.log(JSON.stringify({ shape: gradient.shape, distance: [...attack.distance] }))
await model.dispose()`,
  )
  const { code, out, err } = await node([script])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  const { shape, distance } = JSON.parse(out)
  expect(shape).toEqual([2, 3, 16, 16])
  for (const one of distance) expect(one).toBeLessThanOrEqual(1.00001)
})

describe('entries for pages import nothing of Node', () => {
  const pages = names.filter(name => name !== 'silhouette/runtime/node')
  test.each(pages)('%s', name => {
    const faults: string[] = []
    const seen = new Set<string>()
    const visit = (file: string) => {
      if (seen.has(file)) return
      seen.add(file)
      const code = readFileSync(file, 'utf8')
      for (const [, , target = ''] of code.matchAll(/\b(from|import)\s*\(?\s*'([^']+)'/g)) {
        if (target.startsWith('.')) {
          if (target.endsWith('.js')) visit(resolve(dirname(file), target))
        } else if (/^node:|^(sharp|onnxruntime-node)$/.test(target)) {
          faults.push(`${relative(installed, file)} imports ${target}`)
        }
      }
    }
    visit(fileOf(name, 'default'))
    expect(faults).toEqual([])
  })
})
