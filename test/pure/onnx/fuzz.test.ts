import { expect, test } from 'vitest'
import { readDamaged } from '../../support/damaged-models.ts'

test('4,000 damaged models are read or refused with an InputError', () => {
  expect(readDamaged(4000, 1)).toBeGreaterThan(50)
})
