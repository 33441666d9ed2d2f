// Network Dissection of ResNet-50 (random weights; conv1 and layer1 to layer4, 3,904 units) on images of 224x224 with
// masks of 112x112, beside NetDissect-Lite's own code on the same folder, in alternating rounds.
//
//   npm run bench -- dissect --netdissect CHECKOUT [--images 64] [--peer-images 8] [--rounds 1] [--threads 2]
//
// Both read the files, run the network, find thresholds and count overlaps. NetDissect-Lite keeps all activations (18
// MB an image), so it gets fewer images; its images per second are those of that many. Our run is a process of its
// own, whose peak resident memory is printed; it is repeated on half the images to show that the cost is linear.
// Python comes from BENCH_PYTHON or bench/.venv; without --netdissect only our side runs.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { createClassifier } from '../dist/classifier/create.js'
import { openBroden } from '../dist/data/broden.node.js'
import { buildConceptFolder } from '../dist/data/concept-folder.node.js'
import { dissection } from '../dist/probe/index.js'
import { silent } from '../dist/progress/progress.js'
import { nodeRuntime } from '../dist/runtime/node.js'
import { Random } from '../dist/tensor/random.js'
import { buildNetwork } from '../dist/zoo/index.js'

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '64' },
    'peer-images': { type: 'string', default: '8' },
    rounds: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
    netdissect: { type: 'string' },
    folder: { type: 'string' },
  },
})
const python = process.env.BENCH_PYTHON ?? new URL('.venv/bin/python', import.meta.url).pathname
if (values.netdissect !== undefined && !existsSync(python)) {
  console.error(`no Python at ${python}: run bench/peers/setup.sh or set BENCH_PYTHON`)
  process.exit(2)
}
if (values.folder !== undefined) await run(values.folder)
else await compare()

/** The child's part: dissects a folder and prints what it cost. */
async function run(folder) {
  const network = buildNetwork('resnet50', { classes: 1000, random: new Random(0) })
  const model = await createClassifier({
    ...network,
    name: 'resnet50',
    classes: Array.from({ length: 1000 }, (_, k) => `class ${k}`),
    runtime: nodeRuntime({ threads: Number(values.threads) }),
  })
  const layers = ['conv1', 'layer1', 'layer2', 'layer3', 'layer4']
  const [before, start] = [process.cpuUsage(), performance.now()]
  const data = await openBroden(folder, [224, 224])
  const result = await dissection(data, { layers }).run({ model, random: new Random(0), progress: silent })
  const { user, system } = process.cpuUsage(before)
  const units = result.layers.reduce((sum, layer) => sum + layer.units.length, 0)
  const seconds = (performance.now() - start) / 1000
  const peak = process.resourceUsage().maxRSS / 1024
  console.log(JSON.stringify({ images: data.size, units, seconds, cpu: (user + system) / 1e6, peak }))
}

async function compare() {
  const root = mkdtempSync(join(tmpdir(), 'silhouette-dissect-'))
  try {
    const counts = [
      Number(values.images),
      Math.ceil(Number(values.images) / 2),
      Number(values['peer-images']),
    ]
    for (const count of new Set(counts)) await makeFolder(root, count)
    console.log(`${cpus()[0]?.model}, ${values.threads} threads each`)
    const results = { whole: [], half: [], peer: [] }
    for (let round = 0; round < Number(values.rounds); round++) {
      results.whole.push(ours(join(root, `broden-${counts[0]}`)))
      if (values.netdissect !== undefined) results.peer.push(theirs(join(root, `broden-${counts[2]}`)))
      results.half.push(ours(join(root, `broden-${counts[1]}`)))
    }
    report(results)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function report({ whole, half, peer }) {
  const best = (runs, key) => Math.max(...runs.map(r => r.images / r[key]))
  const line = (name, runs) =>
    console.log(
      `${name.padEnd(16)} ${String(runs[0].images).padStart(5)} images  ${best(runs, 'seconds').toFixed(2)} images/s, ` +
        `${best(runs, 'cpu').toFixed(2)} per processor second, peak ${Math.max(...runs.map(r => r.peak)).toFixed(0)} MB`,
    )
  line('silhouette', whole)
  line('silhouette half', half)
  if (peer.length > 0) {
    line('NetDissect-Lite', peer)
    const ratio = key => (best(whole, key) / best(peer, key)).toFixed(2)
    console.log(`ratio of images/s ${ratio('seconds')}, by processor time ${ratio('cpu')}`)
  }
  const [w, h] = [whole, half].map(runs => runs[0].images / best(runs, 'cpu'))
  console.log(`processor time of all images / of half of them: ${(w / h).toFixed(2)}`)
}

function ours(folder) {
  const script = new URL(import.meta.url).pathname
  return answer(process.execPath, [script, '--folder', folder, '--threads', values.threads])
}

function theirs(folder) {
  const script = new URL('peers/netdissect_peer.py', import.meta.url).pathname
  return answer(python, [script, values.netdissect, folder, values.threads])
}

function answer(command, args) {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stderr}`)
  return JSON.parse(stdout.trim().split('\n').at(-1))
}

/** Soft blobs with objects, parts and textures marked by polygons, scenes by folders, colours by themselves. */
async function makeFolder(root, count) {
  const random = new Random(1)
  const kinds = ['object', 'part', 'texture']
  const categories = kinds.flatMap((supercategory, kind) =>
    Array.from({ length: 40 }, (_, k) => ({
      id: 100 * kind + k,
      name: `${supercategory} ${k}`,
      supercategory,
    })),
  )
  const [images, annotations] = [[], []]
  for (let i = 0; i < count; i++) {
    const scene = `scene-${i % 10}`
    const file = `${scene}/${String(i).padStart(5, '0')}.jpg`
    mkdirSync(join(root, `images-${count}`, scene), { recursive: true })
    const coarse = Buffer.from({ length: 10 * 10 * 3 }, () => random.integer(256))
    const picture = sharp(coarse, { raw: { width: 10, height: 10, channels: 3 } }).resize(300, 260, {
      fit: 'fill',
    })
    writeFileSync(join(root, `images-${count}`, file), await picture.jpeg({ quality: 90 }).toBuffer())
    images.push({ id: i, file_name: file })
    for (let mark = 0; mark < 5; mark++) {
      const [x, y, radius] = [random.uniform(40, 260), random.uniform(40, 220), random.uniform(15, 60)]
      const corners = Array.from({ length: 12 }, (_, k) => (2 * Math.PI * k) / 12)
      const polygon = corners.flatMap(a => [x + radius * Math.cos(a), y + radius * Math.sin(a)])
      const category_id = 100 * (mark % kinds.length) + random.integer(40)
      annotations.push({ image_id: i, category_id, segmentation: [polygon] })
    }
  }
  const coco = join(root, `coco-${count}.json`)
  writeFileSync(coco, JSON.stringify({ images, categories, annotations }))
  await buildConceptFolder({
    images: join(root, `images-${count}`),
    out: join(root, `broden-${count}`),
    coco,
    scenes: true,
  })
}
