import { expect, test } from 'vitest'
import { readDamaged } from '../../support/damaged-models.ts'

test('100,000 damaged models are read or refused with an InputError', () => {
  expect(readDamaged(100_000, 2)).toBeGreaterThan(1000)
})
