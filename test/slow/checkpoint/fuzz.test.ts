// 100,000 damaged files for each checkpoint reader: errors only, no crash, no hang, memory bounded.

import { expect, it } from 'vitest'
import { checkpointReaders, survives } from '../../support/checkpoint-fuzz.ts'
import { mutate } from '../../support/mutate.ts'

it.each(Object.keys(checkpointReaders))('%s survives 100,000 damaged files', kind => {
  const { files, read } = checkpointReaders[kind]!
  const before = process.memoryUsage().rss
  let slowest = 0
  for (const bytes of mutate(files(), 100_000, 2)) {
    const start = performance.now()
    survives(bytes, read)
    slowest = Math.max(slowest, performance.now() - start)
  }
  expect(slowest).toBeLessThan(2000)
  expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 30)
})
