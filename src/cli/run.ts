// From arguments to an exit code: finds the command, loads it alone, runs it, and says what went wrong in one
// sentence. Codes: 0 fine, 1 a check failed, 2 bad usage or input, 70 a bug, 130 interrupted.

import { Command, CommanderError } from '@commander-js/extra-typings'
import { InputError } from '../errors/input-error.ts'
import { type AnyCommand, CheckFailed, ownOptionsFirst } from './command.ts'
import { commands } from './commands.ts'
import type { Terminal } from './terminal.ts'
import { packageVersion } from './version.ts'

/** Runs `silhouette` with these arguments (without node and script) and returns the exit code. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const program = await programFor(args[0], terminal)
    await program.parseAsync(args.length > 0 ? args : ['--help'], { from: 'user' })
    return 0
  } catch (error) {
    return explain(error, args[0], terminal)
  }
}

/** The whole command line; of the commands only the one called `called` is loaded. */
async function programFor(called: string | undefined, terminal: Terminal): Promise<AnyCommand> {
  const program: AnyCommand = new Command('silhouette')
  program
    .description(
      'Does your image classifier see shapes or textures, and what did adversarial training change inside it?',
    )
    .version(packageVersion(), '--version', 'print the version')
    .usage('<command> [options]')
    .helpOption('--help', 'show this help')
    .addHelpText('after', '\nsilhouette <command> --help says what a command takes.')
    .helpCommand(false)
  const all = [program]
  for (const entry of commands) {
    const command = entry.name === called ? (await entry.load()).command(terminal) : new Command(entry.name)
    command.summary(entry.summary).helpOption('--help', 'show this help')
    program.addCommand(command)
    all.push(command)
  }
  for (const command of all) {
    command
      .exitOverride()
      .configureHelp({ groupItems: ownOptionsFirst, showGlobalOptions: false })
      .configureOutput({
        writeOut: text => terminal.out.write(text),
        writeErr: () => {},
        getOutHelpWidth: () => Math.min(100, terminal.out.columns ?? 80),
      })
  }
  return program
}

function explain(error: unknown, called: string | undefined, terminal: Terminal): number {
  const say = (text: string) => terminal.err.write(`silhouette: ${text}\n`)
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0
    const known = commands.some(entry => entry.name === called)
    const sentence = error.message
      .replace(/^error: /, '')
      .replace(/\s*\n\s*/g, ' ')
      .replace(/ is invalid\. /, ' is invalid: ')
      .replace(/\. Expected/, ': expected')
      .replace(/\.$/, '')
    say(`${sentence}; see silhouette ${known ? `${called} ` : ''}--help`)
    return 2
  }
  if (terminal.signal.aborted) {
    say('interrupted; finished work is kept')
    return 130
  }
  if (error instanceof CheckFailed) {
    say(error.message)
    return 1
  }
  if (error instanceof InputError) {
    say(error.message)
    return 2
  }
  say(`this is a bug in silhouette ${packageVersion()} (node ${process.version}); please report it`)
  terminal.err.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  return 70
}
