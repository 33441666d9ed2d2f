// Before the tests: what they need beyond npm, from Debian's packages where this machine has them and allows it.
// Nothing here is needed to use silhouette. Where a package cannot be installed, the tests that need it skip
// and say so.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const wanted = [
  { package: 'chromium', path: '/usr/bin/chromium', for: 'browser tests' },
  { package: 'libonnx-testdata', path: '/usr/share/libonnx-testdata', for: 'ONNX backend cases' },
  { package: 'dataset-fashion-mnist', path: '/usr/share/datasets/fashion-mnist', for: 'IDX on real files' },
]
const missing = wanted.filter(({ path }) => !existsSync(path))
if (missing.length > 0) {
  const names = missing.map(m => m.package)
  const root = process.getuid?.() === 0
  const apt = root && spawnSync('apt-get', ['--version']).status === 0
  let installed = false
  if (apt) {
    console.log(`test set-up: installing ${names.join(', ')}`)
    const run = args =>
      spawnSync('apt-get', args, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0
    installed = run(['update']) && run(['install', '-y', '--no-install-recommends', ...names])
  }
  if (!installed) {
    for (const m of missing)
      console.log(`test set-up: ${m.package} is not installed, so the tests of ${m.for} will skip`)
  }
}
