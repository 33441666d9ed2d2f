// Compiles assembly/averaging.ts (AssemblyScript) and writes the module into src/image/averaging-wasm.ts, which
// is committed: neither the build nor a browser's bundler needs to know of WebAssembly. With --check nothing is
// written; fails when the committed module is not what the source compiles to.

import { readFileSync, writeFileSync } from 'node:fs'
import { main } from 'assemblyscript/asc'

const source = 'assembly/averaging.ts'
const target = 'src/image/averaging-wasm.ts'

const outputs = new Map()
const { error, stderr } = await main(
  [source, '--enable', 'simd', '--runtime', 'stub', '-O3', '--noAssert', '--outFile', 'averaging.wasm'],
  {
    readFile: name => {
      try {
        return readFileSync(name, 'utf8')
      } catch {
        return null
      }
    },
    writeFile: (name, contents) => {
      outputs.set(name, contents)
    },
    listFiles: () => [],
  },
)
if (error) {
  console.error(stderr.toString())
  process.exit(2)
}
const text = `// Made by \`npm run wasm\` from ${source}: do not edit.

/** A WebAssembly module, in base64. */
export const averagingWasm =
  '${Buffer.from(outputs.get('averaging.wasm')).toString('base64')}'
`
if (!process.argv.includes('--check')) writeFileSync(target, text)
else if (readFileSync(target, 'utf8') !== text) {
  console.error(`${target} is not what ${source} compiles to: run npm run wasm`)
  process.exit(1)
}
