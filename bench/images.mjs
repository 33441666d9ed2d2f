// Images a second from JPEG files of ImageNet's size to [n, 3, 224, 224]: decode, resize (256, bilinear,
// antialias), centre crop (224), to float. Beside torchvision's ImageFolder + DataLoader doing the same on the
// same files. Both get all cores: here decoding runs in libuv's threads, there in worker processes. The
// processor time of an image is given too, since it tells more on a machine that does other things (there:
// without workers, since a worker's time is out of reach).
//
//   npm run build && PYTHON=/path/to/venv/bin/python node bench/images.mjs

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { openImageFolder } from '../dist/data/image-folder.node.js'

const IMAGES = 512
const ROUNDS = 5
const preprocessing = {
  size: [224, 224],
  resize: 'short-side',
  resizeTo: 256,
  filter: 'bilinear',
  crop: 'center',
}

/** Soft blobs with fine noise: of ImageNet's usual size, at quality 90. */
async function writePictures(root) {
  mkdirSync(join(root, 'all'), { recursive: true })
  let state = 1
  const byte = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 24
  }
  for (let i = 0; i < IMAGES; i++) {
    const [width, height] = i % 4 === 0 ? [375, 500] : [500, 375]
    const coarse = Buffer.from({ length: 12 * 9 * 3 }, byte)
    const large = sharp(coarse, { raw: { width: 12, height: 9, channels: 3 } }).resize(width, height, {
      fit: 'fill',
    })
    const picture = await large.raw().toBuffer()
    for (let k = 0; k < picture.length; k++)
      picture[k] = Math.max(0, Math.min(255, picture[k] + (byte() >> 4) - 8))
    await sharp(picture, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 90, chromaSubsampling: '4:2:0' })
      .toFile(join(root, 'all', `${String(i).padStart(4, '0')}.jpg`))
  }
}

async function ours(dataset) {
  const start = performance.now()
  const before = process.cpuUsage()
  let count = 0
  for await (const { labels } of dataset.batches({ batchSize: 32 })) count += labels.length
  const { user, system } = process.cpuUsage(before)
  return { rate: (1000 * count) / (performance.now() - start), cpu: (user + system) / 1000 / count }
}

const peer = `
import os, sys, time, torch, torchvision, PIL
from torchvision import datasets, transforms
torch.set_num_threads(1)
steps = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor()])
data = datasets.ImageFolder(sys.argv[1], steps)
print(f"torchvision {torchvision.__version__}, pillow {PIL.__version__}", flush=True)
loader = torch.utils.data.DataLoader(data, batch_size=32, num_workers=os.cpu_count(), persistent_workers=True)
for images, labels in loader: pass
start, count = time.perf_counter(), 0
for images, labels in loader: count += len(labels)
rate = count / (time.perf_counter() - start)
alone = torch.utils.data.DataLoader(data, batch_size=32)
start = time.process_time()
for images, labels in alone: pass
print(rate, 1000 * (time.process_time() - start) / count, flush=True)
`

const root = mkdtempSync(join(tmpdir(), 'silhouette-bench-'))
try {
  await writePictures(root)
  const dataset = await openImageFolder(root, preprocessing)
  await ours(dataset)
  console.log(
    `${cpus()[0].model}, ${availableParallelism()} cores, ${IMAGES} JPEGs of 500x375, ${ROUNDS} rounds`,
  )
  const python = process.env.PYTHON ?? 'python3'
  const runs = { silhouette: [], torchvision: [] }
  for (let round = 0; round < ROUNDS; round++) {
    runs.silhouette.push(await ours(dataset))
    const { stdout, stderr, status } = spawnSync(python, ['-c', peer, root], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`the PyTorch side failed (set PYTHON):\n${stderr}`)
    const [version, figures] = stdout.trim().split('\n')
    if (round === 0) console.log(version)
    const [rate, cpu] = figures.split(' ').map(Number)
    runs.torchvision.push({ rate, cpu })
  }
  const median = values => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
  const of = (name, key) => runs[name].map(run => run[key])
  for (const name of Object.keys(runs)) {
    const rates = of(name, 'rate')
    const spread = `${Math.min(...rates).toFixed(0)}–${Math.max(...rates).toFixed(0)}`
    const cpu = Math.min(...of(name, 'cpu')).toFixed(2)
    console.log(`${name.padEnd(12)} ${median(rates).toFixed(0)} images/s (${spread}), ${cpu} ms CPU an image`)
  }
  const ratio = (key, best) => best(of('silhouette', key)) / best(of('torchvision', key))
  console.log(
    `ratio        ${ratio('rate', median).toFixed(2)}, by processor time ${(1 / ratio('cpu', v => Math.min(...v))).toFixed(2)}`,
  )
} finally {
  rmSync(root, { recursive: true, force: true })
}
