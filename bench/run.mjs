// silhouette beside PyTorch in the same run, case by case in alternating rounds.
//
//   npm run bench [-- --rounds 10 --batch 8 --threads 2 --cpu] [CASE...]
//
// PyTorch comes from bench/.venv (made by bench/peers/setup.sh) or from the interpreter in BENCH_PYTHON. It is
// measured in both memory formats; the better one counts. Times are milliseconds, minimum and median; the ratio
// is PyTorch's minimum divided by ours: above 1 we are faster. --cpu compares processor time instead, for
// machines that others use too (with --threads 1: waiting threads spin).
//
//   npm run bench -- nets [--rounds 10] [--minutes 9] [--anew]
//
// The cases `nets` are torchvision networks as PyTorch's exporter writes them. They run only when asked for; files and
// finished rows are kept in runs/bench-nets, so that the same command goes on where it was stopped or ran out of
// minutes. --anew forgets the rows.

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { nodeRuntime } from '../dist/runtime/node.js'
import { caseNames, prepare } from './cases.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '10' },
    batch: { type: 'string', default: '8' },
    threads: { type: 'string', default: '2' },
    cpu: { type: 'boolean', default: false },
    minutes: { type: 'string', default: 'Infinity' },
    anew: { type: 'boolean', default: false },
  },
})
const end = performance.now() + 60_000 * Number(values.minutes)
const rounds = Number(values.rounds)
const python = process.env.BENCH_PYTHON ?? new URL('.venv/bin/python', import.meta.url).pathname
if (!existsSync(python)) {
  console.error(`no PyTorch at ${python}: run bench/peers/setup.sh or set BENCH_PYTHON`)
  process.exit(2)
}
const chosen = caseNames.filter(name =>
  positionals.length === 0 ? !name.startsWith('nets') : positionals.some(part => name.includes(part)),
)

const folder = 'runs/bench-nets'
mkdirSync(folder, { recursive: true })
const setting = `${values.threads} threads, batch ${values.batch}, ${rounds} rounds${values.cpu ? ', processor time' : ''}`
const rowsFile = `${folder}/${setting.replaceAll(/\W+/g, '-')}.json`
const rows = existsSync(rowsFile) && !values.anew ? JSON.parse(readFileSync(rowsFile, 'utf8')) : {}

/** The PyTorch process: one line in, one line out. */
function startPeer() {
  const script = new URL('peers/torch_peer.py', import.meta.url).pathname
  const child = spawn(python, [script, values.threads, values.batch], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, OMP_NUM_THREADS: values.threads, MKL_NUM_THREADS: values.threads },
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const answer = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error('the PyTorch process ended')
    return JSON.parse(value)
  }
  return {
    hello: answer,
    time: async name => {
      child.stdin.write(`${name}\n`)
      const { ms, cpu } = await answer()
      return values.cpu ? cpu : ms
    },
    end: () => child.stdin.end(),
  }
}

async function once(run) {
  const before = process.cpuUsage()
  const start = performance.now()
  await run()
  const { user, system } = process.cpuUsage(before)
  return values.cpu ? (user + system) / 1000 : performance.now() - start
}

function summary(times) {
  const sorted = times.toSorted((a, b) => a - b)
  return { min: sorted[0], median: sorted[sorted.length >> 1] }
}

const peer = startPeer()
const hello = await peer.hello()
const runtime = nodeRuntime({ threads: Number(values.threads) })
console.log(`${cpus()[0]?.model}, ${setting}`)
console.log(`${runtime.name}; torch ${hello.torch} (${hello.cpu}; ${hello.blas.join('; ')})`)
console.log('\n| case | silhouette min (median) | PyTorch min (median) | layout | ratio |')
console.log('|---|---|---|---|---|')
for (const name of chosen) {
  const keeps = name.startsWith('nets')
  if (keeps && rows[name] !== undefined) {
    console.log(rows[name])
    continue
  }
  if (performance.now() > end) break
  const row = await measured(name)
  console.log(row)
  if (!keeps) continue
  rows[name] = row
  writeFileSync(rowsFile, JSON.stringify(rows, null, 1))
}
peer.end()
console.log(
  `\nsilhouette's memory at most: ${(process.resourceUsage().maxRSS / 2 ** 20).toFixed(2)} GB resident`,
)

/** The row of the table. */
async function measured(name) {
  const [kind, arch] = name.split(' ')
  const path = `${folder}/${arch}.onnx`
  if (kind === 'nets' && !existsSync(path)) await peer.time(`export ${arch} ${path}`)
  const { run, end } = await prepare(name, runtime, Number(values.batch), path)
  await run()
  const ours = []
  const theirs = { default: [], channels_last: [] }
  // A block per memory format: the peer holds one network at a time.
  for (const layout of Object.keys(theirs)) {
    const theirName = layout === 'default' ? name : `${name} ${layout}`
    for (let round = 0; round < rounds; round++) {
      ours.push(await once(run))
      theirs[layout].push(await peer.time(theirName))
    }
  }
  await end()
  const own = summary(ours)
  const [layout, other] = Object.entries(theirs)
    .map(([key, times]) => [key, summary(times)])
    .sort(([, a], [, b]) => a.min - b.min)[0]
  const cell = ({ min, median }) => `${min.toFixed(1)} (${median.toFixed(1)})`
  return `| ${name} | ${cell(own)} | ${cell(other)} | ${layout} | ${(other.min / own.min).toFixed(2)} |`
}
