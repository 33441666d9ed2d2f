// Where the packed package lies, and how tests run it: in child processes, as a user would.

import { type ChildProcess, spawn } from 'node:child_process'
import { join, resolve } from 'node:path'

/** A user's folder: scripts in it import the packed package by its name. */
export const workspace = resolve('.cache/package-test')
/** The unpacked package. */
export const installed = join(workspace, 'node_modules/silhouette')
/** The command. */
export const main = join(installed, 'dist/cli/main.js')

export interface Finished {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}

/** Runs node with `args` in the workspace; `started` may end it early. */
export function node(
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly started?: (child: ChildProcess) => void } = {},
): Promise<Finished> {
  const child = spawn(process.execPath, args, {
    cwd: workspace,
    env: { ...process.env, NODE_OPTIONS: '', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const text = { out: '', err: '' }
  child.stdout.on('data', chunk => {
    text.out += chunk
  })
  child.stderr.on('data', chunk => {
    text.err += chunk
  })
  options.started?.(child)
  return new Promise((done, fail) => {
    child.on('error', fail)
    child.on('close', (code, signal) => done({ code, signal, ...text }))
  })
}

/** Runs the command `silhouette`. */
export function silhouette(...args: readonly string[]): Promise<Finished> {
  return node([main, ...args])
}
