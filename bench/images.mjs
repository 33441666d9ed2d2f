// Images a second from JPEG files of ImageNet's size to [n, 3, 224, 224]: decode, resize (256, bilinear,
// antialias), centre crop (224), to float. Beside torchvision's ImageFolder + DataLoader doing the same on the
// same files. Both get all cores: here decoding runs in libuv's threads, there in worker processes.
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
  let count = 0
  for await (const { labels } of dataset.batches({ batchSize: 32 })) count += labels.length
  return (1000 * count) / (performance.now() - start)
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
for line in sys.stdin:
    start, count = time.perf_counter(), 0
    for images, labels in loader: count += len(labels)
    print(count / (time.perf_counter() - start), flush=True)
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
      input: '\n',
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`the PyTorch side failed (set PYTHON):\n${stderr}`)
    const [version, rate] = stdout.trim().split('\n')
    if (round === 0) console.log(version)
    runs.torchvision.push(Number(rate))
  }
  const median = values => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
  for (const [name, values] of Object.entries(runs)) {
    const spread = `${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)}`
    console.log(`${name.padEnd(12)} ${median(values).toFixed(0)} images/s (${spread})`)
  }
  console.log(`ratio        ${(median(runs.silhouette) / median(runs.torchvision)).toFixed(2)}`)
} finally {
  rmSync(root, { recursive: true, force: true })
}
