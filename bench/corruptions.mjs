// The 19 corruptions x 5 severities at 224x224 beside the `imagecorruptions` package, in alternating rounds: each
// round corrupts one image once on either side.
//
//   npm run bench -- corruptions [--rounds 5] [--cpu] [NAME...]
//
// Python (with scripts/fixtures/requirements.txt) comes from BENCH_PYTHON or bench/.venv. Times are milliseconds of
// one image, minimum over the rounds, one thread on our side, OpenCV's own threads on theirs; the ratio is theirs
// divided by ours. --cpu compares processor time, for machines that others use too. Totals are sums over severities.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { corruptImage, corruptionNames, severities } from '../dist/distort/index.js'
import { pixels } from '../dist/image/index.js'
import { resize } from '../dist/image/resize.js'
import { Random } from '../dist/tensor/random.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, cpu: { type: 'boolean', default: false } },
})
const python = process.env.BENCH_PYTHON ?? new URL('.venv/bin/python', import.meta.url).pathname
if (!existsSync(python)) {
  console.error(`no Python at ${python}: run bench/peers/setup.sh or set BENCH_PYTHON`)
  process.exit(2)
}
const chosen = corruptionNames.filter(name => positionals.length === 0 || positionals.includes(name))

/** Soft blobs with fine noise. */
function picture() {
  const random = new Random(1)
  const coarse = pixels(
    14,
    14,
    3,
    Uint8Array.from({ length: 588 }, () => random.integer(256)),
  )
  const { data } = resize(coarse, 224, 224, 'bicubic')
  for (let i = 0; i < data.length; i++) data[i] = Math.max(0, Math.min(255, data[i] + random.integer(17) - 8))
  return pixels(224, 224, 3, data)
}

function once(run) {
  const before = process.cpuUsage()
  const start = performance.now()
  run()
  const { user, system } = process.cpuUsage(before)
  return values.cpu ? (user + system) / 1000 : performance.now() - start
}

const image = picture()
const peer = spawn(python, [new URL('peers/corruptions_peer.py', import.meta.url).pathname], {
  stdio: ['pipe', 'pipe', 'inherit'],
})
const lines = createInterface(peer.stdout)[Symbol.asyncIterator]()
const ask = async question => {
  peer.stdin.write(`${question}\n`)
  const { value, done } = await lines.next()
  if (done) throw new Error('the Python process ended')
  return JSON.parse(value)
}
const { versions } = await ask(Buffer.from(image.data).toString('base64'))
console.log(`${cpus()[0]?.model}, node ${process.version}; ${versions}; ${values.rounds} rounds`)
console.log(
  `\n| corruption | silhouette ms, severity 1 to 5 | imagecorruptions ms | ratio |\n|---|---|---|---|`,
)
const totals = []
for (const name of chosen) {
  const least = []
  for (const severity of severities) {
    const random = new Random(severity)
    const run = () => corruptImage(image, name, severity, random)
    for (let i = 0; i < 10; i++) run()
    let [ours, theirs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
    for (let round = 0; round < Number(values.rounds); round++) {
      // The peer is slow at some: one image a round; ours gets five, and the mean of them.
      ours = Math.min(ours, once(() => Array.from({ length: 5 }, run)) / 5)
      const { ms, cpu } = await ask(`${name} ${severity}`)
      theirs = Math.min(theirs, values.cpu ? cpu : ms)
    }
    least.push([ours, theirs])
  }
  const cell = side => least.map(pair => pair[side].toFixed(pair[side] < 10 ? 2 : 0)).join(' ')
  const [ours, theirs] = [0, 1].map(side => least.reduce((sum, pair) => sum + pair[side], 0))
  totals.push({ name, ours, theirs })
  console.log(`| ${name} | ${cell(0)} | ${cell(1)} | ${(theirs / ours).toFixed(2)} |`)
}
// One corruption takes most of the package's time: what the others sum to says more.
for (const [label, rows] of [
  ['total', totals],
  ['total without glass_blur', totals.filter(({ name }) => name !== 'glass_blur')],
]) {
  const sum = side => rows.reduce((total, row) => total + row[side], 0)
  const [ours, theirs] = [sum('ours'), sum('theirs')]
  console.log(`| ${label} | ${ours.toFixed(0)} | ${theirs.toFixed(0)} | ${(theirs / ours).toFixed(1)} |`)
}
peer.stdin.end()
