// The config of a study of two networks, S and R, for tests of its chapters.

import { checkedConfig } from '../../src/study/config.ts'

export const names = { standard: 'S', robust: 'R' }

export const pairConfig = checkedConfig(
  {
    name: 'pair',
    models: { standard: { name: 'S', path: 's' }, robust: { name: 'R', path: 'r' } },
    data: { kind: 'emoji16' },
    resamples: 200,
  },
  'the config of the test',
)
