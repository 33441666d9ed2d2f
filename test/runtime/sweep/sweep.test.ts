import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Progress } from '../../../src/progress/progress.ts'
import { nodeRuntime } from '../../../src/runtime/node.ts'
import { SweepConfig } from '../../../src/sweep/config.ts'
import { runSweep, sweepFiles } from '../../../src/sweep/sweep.node.ts'
import { pictures, temporaryFolder } from '../../support/picture-folder.ts'

it('trains and measures every network once, however often it is stopped', async () => {
  const names = Array.from({ length: 16 }, (_, i) => `${i % 2 ? 'dark' : 'light'}/${i}.png`)
  const folder = await pictures(names, [16, 16], false)
  const config = SweepConfig.parse({
    name: 'small',
    train: { arch: 'mini-alex', width: 2, size: 16, data: folder, epochs: 2, batchSize: 8 },
    schemes: { standard: {}, pgd: { adversarial: { norm: 'L2', epsilon: 0.5, steps: 1 } } },
    data: { kind: 'folders', images: folder },
    measure: { epsilon: 0.5, steps: 2, images: 8, simplicity: false },
  })
  const options = {
    config,
    what: 'small.yaml',
    base: folder,
    runtime: nodeRuntime({ threads: 1 }),
    versions: {},
  }
  /** Counts steps of tasks by the last word of their label, and stops after so many in all. */
  const counting = (most = Number.POSITIVE_INFINITY) => {
    const stop = new AbortController()
    const counts = { training: 0, all: 0 }
    const progress: Progress = {
      start: label => ({
        advance(steps = 1) {
          if (label.endsWith('training') && steps > 0) counts.training += steps
          if (++counts.all === most) stop.abort()
        },
        end() {},
      }),
    }
    return { counts, progress, signal: stop.signal }
  }
  const bytes = (out: string) =>
    [sweepFiles(out).result, sweepFiles(out).table].map(path =>
      readFileSync(path, 'utf8')
        .replace(/"secondsPerEpoch": [\d.]+/g, '')
        .replace(/,2,[\d.]+,/g, ''),
    )

  const whole = join(temporaryFolder(), 'whole')
  const first = counting()
  const result = await runSweep({ ...options, out: whole, ...first })
  expect(result.rows.map(({ name, epochs }) => [name, epochs])).toEqual([
    ['standard-seed0', 2],
    ['pgd-seed0', 2],
  ])
  expect(result.images).toEqual({ clean: 16, attacked: 8, autoAttacked: 0, cueConflict: 0 })
  // All pictures are the same, which no network can tell apart.
  expect(result.rows.every(row => row.secondsPerEpoch! > 0 && row.naswot === null)).toBe(true)

  const broken = join(temporaryFolder(), 'broken')
  for (const most of [4, 8, 12]) {
    const stopped = counting(most)
    await expect(runSweep({ ...options, out: broken, ...stopped })).rejects.toThrow()
  }
  await runSweep({ ...options, out: broken })
  expect(bytes(broken)).toEqual(bytes(whole))

  const again = counting()
  await runSweep({ ...options, out: whole, ...again })
  // What is finished is announced in one step per network and not done again.
  expect(again.counts.training).toBe(first.counts.training)
  expect(again.counts.all).toBeLessThan(first.counts.all / 2)
}, 120_000)
