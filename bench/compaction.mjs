// npm run bench -- compaction [--model checkpoints/r] [--images 32] [--rounds 3] [--steps 100] [--threads 1]
//
// What it saves that solved images leave the batch: PGD of many steps on the same images, once keeping the best
// iterate of all of them, once letting each go when it is adversarial. The same images fall. Milliseconds of
// processor time, minimum and median of alternating rounds, and how often the network was asked.

import { parseArgs } from 'node:util'
import { pgd } from '../dist/attack/index.js'
import { loadClassifier } from '../dist/classifier/index.node.js'
import { emoji16 } from '../dist/data/emoji16/index.node.js'
import { nodeRuntime } from '../dist/runtime/node.js'
import { gatherRows } from '../dist/tensor/gather.js'
import { Random } from '../dist/tensor/random.js'

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'checkpoints/r' },
    images: { type: 'string', default: '32' },
    rounds: { type: 'string', default: '3' },
    steps: { type: 'string', default: '100' },
    threads: { type: 'string', default: '1' },
  },
})
const model = await loadClassifier(values.model, nodeRuntime({ threads: Number(values.threads) }))
const data = await emoji16({ split: 'clean' })
const all = (await data.batches({ batchSize: data.size })[Symbol.asyncIterator]().next()).value
const chosen = [...new Random(0).permutation(data.size).subarray(0, Number(values.images))]
const batch = {
  images: gatherRows(all.images, chosen),
  labels: Int32Array.from(chosen, i => all.labels[i]),
}

const steps = Number(values.steps)
const ways = { whole: { best: true }, compact: { earlyStop: true } }
console.log(`${values.model}, PGD-${steps}, ${batch.labels.length} images, ${values.threads} threads`)
console.log('| ball | fallen | whole batch min (median) | solved leave min (median) | ratio | questions |')
console.log('|---|---|---|---|---|---|')
for (const [norm, epsilon, name] of [
  ['L2', 1, 'L2 1'],
  ['L2', 3, 'L2 3'],
  ['Linf', 8 / 255, 'Linf 8/255'],
]) {
  const run = way => pgd(model, batch, { norm, epsilon, steps, ...ways[way] })
  const results = {}
  const times = { whole: [], compact: [] }
  for (let round = -1; round < Number(values.rounds); round++) {
    for (const way of Object.keys(ways)) {
      const before = process.cpuUsage()
      results[way] = await run(way)
      const { user, system } = process.cpuUsage(before)
      // The first round loads sessions.
      if (round >= 0) times[way].push((user + system) / 1000)
    }
  }
  const { whole, compact } = results
  if (whole.adversarial.join() !== compact.adversarial.join()) throw new Error('other images fell')
  const cell = way => {
    const sorted = times[way].toSorted((a, b) => a - b)
    return `${sorted[0].toFixed(0)} (${sorted[sorted.length >> 1].toFixed(0)})`
  }
  const ratio = Math.min(...times.whole) / Math.min(...times.compact)
  const asked = ({ queries }) => queries.reduce((sum, q) => sum + q, 0)
  const fallen = compact.adversarial.filter(Boolean).length
  console.log(
    `| ${name} | ${fallen} of ${batch.labels.length} | ${cell('whole')} | ${cell('compact')} | ${ratio.toFixed(2)} | ${((100 * asked(compact)) / asked(whole)).toFixed(0)} % |`,
  )
}
await model.dispose()
