// The study that `silhouette study` does when it is given no config: the paper's question on the embedded data,
// with the two networks that the package carries.

import { checkedConfig, type StudyConfig } from './config.ts'

/** Paths in it are seen from the root of the package. */
export const defaultConfig: StudyConfig = checkedConfig(
  {
    name: 'emoji16',
    models: {
      standard: {
        name: 'S',
        path: 'checkpoints/s',
        train: { arch: 'mini-alex', data: 'emoji16' },
      },
      robust: {
        name: 'R',
        path: 'checkpoints/r',
        train: { arch: 'mini-alex', data: 'emoji16', adversarial: { norm: 'L2', epsilon: 3, steps: 7 } },
      },
    },
    data: { kind: 'emoji16' },
  },
  'the default config',
)
