// Ablating every unit of a layer one at a time beside as many whole forward passes: the cost of all ablations of a set
// of images, and of the passes that they replace, in alternating rounds on the same images.
//
//   npm run bench -- ablation [--images 40] [--rounds 3] [--threads 2] [--cpu] [CASE...]
//
// A case is a network, a layer of 256 units, and the size of its images; weights are random. The passes are timed on
// the same images `--passes` times and scaled to one per unit: they all cost the same. Costs are per image; the
// target (at most a fifth) is for 1,200 images, whose cost is 1,200 times that.

import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { predictions } from '../dist/attack/criterion.js'
import { createClassifier } from '../dist/classifier/create.js'
import { ablate } from '../dist/probe/ablation/ablate.js'
import { nodeRuntime } from '../dist/runtime/node.js'
import { Random } from '../dist/tensor/random.js'
import { float32 } from '../dist/tensor/tensor.js'
import { buildNetwork } from '../dist/zoo/index.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    images: { type: 'string', default: '40' },
    rounds: { type: 'string', default: '3' },
    passes: { type: 'string', default: '4' },
    threads: { type: 'string', default: '2' },
    cpu: { type: 'boolean', default: false },
  },
})
const [count, rounds, passes] = [values.images, values.rounds, values.passes].map(Number)

const cases = [
  { name: 'mini-alex conv5', arch: 'mini-alex', layer: 'conv5', size: 64, classes: 16, width: 85 },
  { name: 'alexnet conv4', arch: 'alexnet', place: 3, size: 224, classes: 1000 },
  { name: 'alexnet conv5', arch: 'alexnet', place: 4, size: 224, classes: 1000 },
  { name: 'resnet50 layer1', arch: 'resnet50', layer: 'layer1', size: 224, classes: 1000 },
]

async function once(run) {
  const [before, start] = [process.cpuUsage(), performance.now()]
  await run()
  const { user, system } = process.cpuUsage(before)
  return values.cpu ? (user + system) / 1000 : performance.now() - start
}

console.log(`${cpus()[0]?.model}, ${values.threads} threads, ${count} images, ${rounds} rounds`)
console.log('\n| layer | units | all ablations, ms an image | as many passes | ratio |')
console.log('|---|---|---|---|---|')
for (const { name, arch, layer: named, place, size, classes, width } of cases) {
  if (positionals.length > 0 && !positionals.some(part => name.includes(part))) continue
  const network = buildNetwork(arch, { classes, size, random: new Random(0), ...(width && { width }) })
  const model = await createClassifier({
    ...network,
    name,
    classes: Array.from({ length: classes }, (_, k) => `class ${k}`),
    runtime: nodeRuntime({ threads: Number(values.threads) }),
  })
  const { name: layer, units } = named ? model.layers.find(l => l.name === named) : model.layers[place]
  const random = new Random(1)
  const pixels = Float32Array.from({ length: count * 3 * size * size }, () => random.uniform())
  const images = float32([count, 3, size, size], pixels)
  const ablations = Array.from({ length: units }, (_, channel) => [channel])
  const all = () => ablate(model, images, { layer, ablations }, predictions)
  await ablate(model, images, { layer, ablations: ablations.slice(0, 2) }, predictions)
  await model.logits(images)
  const [own, whole] = [[], []]
  for (let round = 0; round < rounds; round++) {
    own.push(await once(all))
    const time = await once(async () => {
      for (let pass = 0; pass < passes; pass++) await model.logits(images)
    })
    whole.push((time / passes) * units)
  }
  await model.dispose()
  const [a, b] = [Math.min(...own) / count, Math.min(...whole) / count]
  console.log(`| ${name} | ${units} | ${a.toFixed(1)} | ${b.toFixed(1)} | ${(a / b).toFixed(2)} |`)
}
