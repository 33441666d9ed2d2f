// The attacks beside fra31/auto-attack on PyTorch: the same weights, images, radius and budgets, attack by attack.
//
//   npm run bench -- attacks --autoattack CHECKOUT [--model checkpoints/r] [--norm L2] [--eps 1] [--images 200]
//       [--chunk 50] [--minutes 9] [--attacks apgd-ce,square,...] [--threads 2] [--iterations 100] [--queries 5000]
//
// Works in chunks of images; what is done is kept in runs/bench-attacks, so that the same command goes on where it
// was stopped or ran out of minutes. Both sides take every chunk in turn. PyTorch comes from BENCH_PYTHON or
// bench/.venv; the model is a mini-alex that `silhouette train` left. Prints robust accuracies with 95 % intervals,
// on how many images the two sides disagree, seconds, and the ratios of wall and processor time (theirs over ours; on
// a machine that others use too, --threads 1 and processor time); of AutoAttack also what stands after each attack.
// `square-shared` is Square with the random numbers that theirs draws: then the same images should stand.

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { apgd, autoAttack, fab, square } from '../dist/attack/index.js'
import { loadClassifier } from '../dist/classifier/index.node.js'
import { emoji16 } from '../dist/data/emoji16/index.node.js'
import { writeNpy } from '../dist/data/npy.js'
import { wilson } from '../dist/probe/statistics.js'
import { nodeRuntime } from '../dist/runtime/node.js'
import { gatherRows } from '../dist/tensor/gather.js'
import { int64, Random, rows } from '../dist/tensor/index.js'
import { squareDraws } from './peers/torch-draws.mjs'

const { values } = parseArgs({
  options: {
    autoattack: { type: 'string' },
    model: { type: 'string', default: 'checkpoints/r' },
    norm: { type: 'string', default: 'L2' },
    eps: { type: 'string', default: '1' },
    images: { type: 'string', default: '200' },
    chunk: { type: 'string', default: '50' },
    minutes: { type: 'string', default: '9' },
    attacks: { type: 'string', default: 'apgd-ce,apgd-dlr,apgd-t,fab-t,square,autoattack' },
    threads: { type: 'string', default: '2' },
    iterations: { type: 'string', default: '100' },
    queries: { type: 'string', default: '5000' },
  },
})
if (values.autoattack === undefined) throw new Error('name a checkout of fra31/auto-attack with --autoattack')
const [over, under = '1'] = values.eps.split('/')
const epsilon = Number(over) / Number(under)
const [count, chunk] = [Number(values.images), Number(values.chunk)]
const [iterations, queries] = [Number(values.iterations), Number(values.queries)]
const { norm } = values
const end = Date.now() + 60_000 * Number(values.minutes)
const python = process.env.BENCH_PYTHON ?? new URL('.venv/bin/python', import.meta.url).pathname

const folder = 'runs/bench-attacks'
const name = [values.model, norm, values.eps, iterations, queries].join(' ').replaceAll(/[^\w.-]+/g, '-')
mkdirSync(folder, { recursive: true })
const at = file => `${folder}/${name}-${file}`
const done = existsSync(at('done.json')) ? JSON.parse(readFileSync(at('done.json'), 'utf8')) : {}

const model = await loadClassifier(values.model, nodeRuntime({ threads: Number(values.threads) }))
const data = await emoji16({ split: 'clean' })
const all = (await data.batches({ batchSize: data.size })[Symbol.asyncIterator]().next()).value
const chosen = [...new Random(0).permutation(data.size).subarray(0, count)]
const batch = {
  images: gatherRows(all.images, chosen),
  labels: Int32Array.from(chosen, i => all.labels[i]),
}
writeFileSync(at('x.npy'), writeNpy(batch.images))
writeFileSync(at('y.npy'), writeNpy(int64([count], Array.from(batch.labels))))

const targetClasses = Math.min(9, model.classes.length - 1)
const common = { norm, epsilon, iterations }
const ours = {
  'apgd-ce': (part, random) => apgd(model, part, { ...common, random }),
  'apgd-dlr': (part, random) => apgd(model, part, { ...common, random, loss: 'dlr' }),
  'apgd-t': (part, random) => apgd(model, part, { ...common, random, targetClasses }),
  'fab-t': (part, random) => fab(model, part, { ...common, random, targetClasses }),
  square: (part, random) => square(model, part, { norm, epsilon, random, iterations: queries }),
  'square-shared': (part, _, { correct }) => {
    const random = squareDraws(0, { norm, count: correct, shape: part.images.shape.slice(1) })
    return square(model, part, { norm, epsilon, random, iterations: queries })
  },
  autoattack: (part, random, { progress }) =>
    autoAttack(model, part, { ...common, random, queries, progress }),
}

/** What the other side runs beside one of ours. */
const theirName = attack => (attack === 'square-shared' ? 'square' : attack)

async function oursOn(attack, from, to) {
  const part = { images: rows(batch.images, from, to), labels: batch.labels.subarray(from, to) }
  const start = performance.now()
  const before = process.cpuUsage()
  const seconds = () => (performance.now() - start) / 1000
  // When each attack of AutoAttack was through.
  const ends = []
  const progress = { start: () => ({ advance: () => ends.push(seconds()), end() {} }) }
  const { adversarial, stages = [] } = await ours[attack](part, new Random(0).fork(`images ${from}`), {
    progress,
    correct: clean.slice(from, to).filter(Boolean).length,
  })
  const { user, system } = process.cpuUsage(before)
  return {
    seconds: seconds(),
    cpu: (user + system) / 1e6,
    standing: adversarial.map(found => !found),
    stages: stages.map(({ attack: name, attempted, broken }, k) => {
      return { attack: name, standing: attempted - broken, end: ends[k] }
    }),
  }
}

function startPeer() {
  const script = new URL('peers/attacks_peer.py', import.meta.url).pathname
  const { threads } = values
  const args = [
    values.autoattack,
    `${values.model}/model.onnx`,
    at('x.npy'),
    at('y.npy'),
    norm,
    epsilon,
    iterations,
    queries,
    threads,
  ]
  const child = spawn(python, [script, ...args.map(String)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, OMP_NUM_THREADS: threads, MKL_NUM_THREADS: threads },
  })
  // A question put to a process that has ended is an error where its answer is waited for.
  child.stdin.on('error', () => {})
  const ended = new Promise(resolve => child.on('close', (code, signal) => resolve(signal ?? code)))
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const answer = async () => {
    const { value, done: over } = await lines.next()
    if (over) throw new Error(`the PyTorch process ended (${await ended}): what is done is kept`)
    return JSON.parse(value)
  }
  const on = async (attack, from, to) => {
    child.stdin.write(`${attack} ${from} ${to}\n`)
    return answer()
  }
  return { hello: answer, on, end: () => child.kill() }
}

const peer = startPeer()
// It is in the middle of an attack most of the time and would not notice that nobody waits for it any more.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    peer.end()
    process.exit(130)
  })
}
const { torch, clean } = await peer.hello()
// Warm both sides: sessions load and memory grows in the first run.
await apgd(
  model,
  { images: rows(batch.images, 0, 2), labels: batch.labels.subarray(0, 2) },
  { ...common, iterations: 2 },
)
let complete = true
const attacks = values.attacks.split(',')
for (let from = 0; from < count; from += chunk) {
  const to = Math.min(from + chunk, count)
  for (const attack of attacks) {
    for (const [side, run] of [
      ['ours', oursOn],
      ['theirs', peer.on],
    ]) {
      const asked = side === 'theirs' ? theirName(attack) : attack
      const key = `${asked} ${from} ${to} ${side}`
      if (done[key] !== undefined) continue
      if (Date.now() > end) {
        complete = false
        continue
      }
      done[key] = await run(asked, from, to)
      writeFileSync(at('done.json.part'), JSON.stringify(done))
      renameSync(at('done.json.part'), at('done.json'))
      console.error(`${key}: ${done[key].seconds.toFixed(1)} s`)
    }
  }
}
peer.end()
await model.dispose()

const percent = (hits, n) => {
  const { value, low, high } = wilson(hits, n)
  return `${(100 * value).toFixed(1)} [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`
}
const cleanCount = clean.slice(0, count).filter(Boolean).length
console.log(
  `${values.model}, ${norm} ${values.eps}, ${iterations} iterations, ${queries} queries; torch ${torch}`,
)
console.log(`clean accuracy ${percent(cleanCount, count)} %; seconds on ${values.threads} threads each\n`)
console.log(
  '| attack | images | robust, silhouette % | robust, auto-attack % | differ | seconds | theirs | ratio | processor ratio |',
)
console.log('|---|---|---|---|---|---|---|---|---|')
let cascades = []
for (const attack of attacks) {
  const both = Array.from({ length: Math.ceil(count / chunk) }, (_, k) => {
    const part = `${k * chunk} ${Math.min((k + 1) * chunk, count)}`
    return [done[`${attack} ${part} ours`], done[`${theirName(attack)} ${part} theirs`]]
  }).filter(([a, b]) => a && b)
  if (both.length === 0) continue
  if (attack === 'autoattack') cascades = both
  const [a, b] = [0, 1].map(side => ({
    standing: both.flatMap(pair => pair[side].standing),
    seconds: both.reduce((sum, pair) => sum + pair[side].seconds, 0),
    cpu: both.reduce((sum, pair) => sum + pair[side].cpu, 0),
  }))
  const n = a.standing.length
  const stood = ({ standing }) => standing.filter(Boolean).length
  const differ = a.standing.filter((standing, i) => standing !== b.standing[i]).length
  const row = [
    attack,
    n,
    percent(stood(a), n),
    percent(stood(b), n),
    differ,
    a.seconds.toFixed(1),
    b.seconds.toFixed(1),
  ]
  row.push((b.seconds / a.seconds).toFixed(2), (b.cpu / a.cpu).toFixed(2))
  console.log(`| ${row.join(' | ')} |`)
}
if (cascades.length > 0) {
  const n = cascades.reduce((sum, [{ standing }]) => sum + standing.length, 0)
  console.log('\nAutoAttack, attack by attack:\n')
  console.log('| after | standing, silhouette % | standing, auto-attack % | seconds | theirs | ratio |')
  console.log('|---|---|---|---|---|---|')
  for (const [k, name] of ['apgd-ce', 'apgd-t', 'fab-t', 'square'].entries()) {
    // A cascade ends early where nothing stands.
    const [a, b] = [0, 1].map(side => ({
      standing: cascades.reduce((sum, pair) => sum + (pair[side].stages[k]?.standing ?? 0), 0),
      seconds: cascades.reduce((sum, pair) => {
        const { stages } = pair[side]
        return sum + (stages[k] === undefined ? 0 : stages[k].end - (stages[k - 1]?.end ?? 0))
      }, 0),
    }))
    const ratio = a.seconds > 0 ? (b.seconds / a.seconds).toFixed(2) : '-'
    const times = [a.seconds.toFixed(1), b.seconds.toFixed(1), ratio]
    console.log(`| ${[name, percent(a.standing, n), percent(b.standing, n), ...times].join(' | ')} |`)
  }
}
if (!complete) console.log('\nnot finished: run the same command again')
