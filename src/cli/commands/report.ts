// silhouette report: renders a finished study again, for instance after an update of silhouette.

import { writeReport } from '../../report/file.node.ts'
import { type AnyCommand, newCommand, printResult } from '../command.ts'
import type { Terminal } from '../terminal.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand('report', 'Write the report of a finished study again. Nothing is measured anew.')
    .argument('<run>', 'folder of a finished study, such as runs/emoji16')
    .option('--out <file>', 'where the report goes (default: report.html in the folder)')
    .action((run, options) => {
      const report = writeReport(run, options.out)
      printResult(terminal, options, { report }, () => `${report}\n`)
    })
}
