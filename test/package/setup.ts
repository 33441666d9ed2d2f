// Builds and packs the package as `npm publish` would, and unpacks it into a folder where a user's scripts can
// import it. What it depends on is found in the repository's node_modules, further up.

import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installed, workspace } from './workspace.ts'

export function setup(): void {
  const stage = join(workspace, 'stage')
  rmSync(workspace, { recursive: true, force: true })
  mkdirSync(stage, { recursive: true })
  run('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json', '--outDir', join(stage, 'dist')])
  for (const file of ['package.json', 'README.md', 'LICENSE', 'NOTICE', 'checkpoints']) {
    if (existsSync(file)) cpSync(file, join(stage, file), { recursive: true })
  }
  run('npm', ['pack', '--ignore-scripts', '--silent'], stage)
  const tarball = readdirSync(stage).find(name => name.endsWith('.tgz'))
  if (tarball === undefined) throw new Error('npm pack left no tarball')
  mkdirSync(installed, { recursive: true })
  // A scope of its own: without it, `silhouette` in a script there would mean the repository itself.
  writeFileSync(join(workspace, 'package.json'), '{ "name": "user", "private": true }\n')
  run('tar', ['-xzf', join(stage, tarball), '--strip-components=1', '-C', installed])
}

function run(command: string, args: readonly string[], cwd = '.'): void {
  execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
}
