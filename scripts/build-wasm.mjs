// Compiles assembly/*.ts (AssemblyScript) and writes each module into src as base64. That is committed: neither the
// build nor a browser's bundler needs to know of WebAssembly. With --check nothing is written; fails when a committed
// module is not what its source compiles to.

import { readFileSync, writeFileSync } from 'node:fs'
import { main } from 'assemblyscript/asc'

const modules = [
  { name: 'averaging', target: 'src/image/averaging-wasm.ts' },
  { name: 'stencil', target: 'src/distort/stencil-wasm.ts' },
  { name: 'jpeg', target: 'src/distort/jpeg-wasm.ts' },
  { name: 'hyperplane', target: 'src/attack/hyperplane-wasm.ts' },
]

for (const { name, target } of modules) {
  const source = `assembly/${name}.ts`
  const text = `// Made by \`npm run wasm\` from ${source}: do not edit.

/** A WebAssembly module, in base64. */
export const ${name}Wasm =
  '${Buffer.from(await compiled(source)).toString('base64')}'
`
  if (!process.argv.includes('--check')) writeFileSync(target, text)
  else if (readFileSync(target, 'utf8') !== text) {
    console.error(`${target} is not what ${source} compiles to: run npm run wasm`)
    process.exit(1)
  }
}

/** The bytes of the module. */
async function compiled(source) {
  const outputs = new Map()
  const { error, stderr } = await main(
    [source, '--enable', 'simd', '--runtime', 'stub', '-O3', '--noAssert', '--outFile', 'module.wasm'],
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
  return outputs.get('module.wasm')
}
