// A study small enough to run in a second: two untrained networks of a few channels, a dozen images.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import sharp from 'sharp'
import { writeOnnx } from '../../src/onnx/write.ts'
import { Random } from '../../src/tensor/random.ts'
import { buildNetwork } from '../../src/zoo/index.ts'

const classes = ['cat', 'dog']
const side = 16
/** Twelve images with masks, in Broden's layout. */
const concepts = resolve('test/fixtures/netdissect/broden')

/** Writes networks, images and `study.yaml` into `folder`; returns the config's path. */
export async function writeTinyStudy(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true })
  for (const [seed, name] of ['plain', 'hardened'].entries()) {
    const random = new Random(seed)
    const network = buildNetwork('mini-res', { classes: 2, size: side, width: 4, random })
    const metadata = new Map([
      ['silhouette.classes', JSON.stringify(classes)],
      ['silhouette.preprocessing', JSON.stringify(network.preprocessing)],
      ['silhouette.layers', JSON.stringify(network.layers)],
    ])
    writeFileSync(join(folder, `${name}.onnx`), writeOnnx({ ...network.graph, metadata }))
  }
  const random = new Random(7)
  const picture = async (...path: string[]) => {
    const file = join(folder, ...path)
    mkdirSync(join(file, '..'), { recursive: true })
    const data = Uint8Array.from({ length: 3 * side * side }, () => random.integer(256))
    await sharp(data, { raw: { width: side, height: side, channels: 3 } })
      .png()
      .toFile(file)
  }
  for (const name of classes) {
    const other = classes.find(known => known !== name)
    for (let i = 1; i <= 6; i++) {
      await picture('images', name, `${name}${i}.png`)
      await picture('conflicts', name, `${name}${i}-${other}${i}.png`)
    }
  }
  const config = join(folder, 'study.yaml')
  writeFileSync(
    config,
    `name: tiny
models:
  standard: { name: plain, path: plain.onnx }
  robust: { name: hardened, path: hardened.onnx }
data: { kind: folders, images: images, cueConflict: conflicts, concepts: ${JSON.stringify(concepts)} }
attack: { steps: 3, images: 8, curve: [0.5, 1, 2] }
resamples: 200
evidence: { samples: 4, examples: 2 }
chapters: { masking: { images: 8, steps: 5, queries: 10 } }
`,
  )
  return config
}
