// Damaged checkpoints end in an InputError or in tensors, never in another error or a hang. The same with
// 100,000 inputs each is in test/slow.

import { expect, it } from 'vitest'
import { checkpointReaders, survives } from '../../support/checkpoint-fuzz.ts'
import { mutate } from '../../support/mutate.ts'

it.each(Object.keys(checkpointReaders))('%s survives 1,000 damaged files', kind => {
  const { files, read } = checkpointReaders[kind]!
  let readable = 0
  for (const bytes of mutate(files(), 1000, 1)) if (survives(bytes, read)) readable++
  // Some damage must go unnoticed and some be noticed, or the test tests nothing.
  expect(readable).toBeGreaterThan(10)
  expect(readable).toBeLessThan(990)
})
