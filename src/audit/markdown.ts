// An audit as Markdown, for a comment on a pull request.

import type { Audit } from './audit.ts'
import type { Check } from './thresholds.ts'
import { writtenInterval, writtenValue } from './written.ts'

/** GitHub-flavoured Markdown: the checks first, then every measure. */
export function auditMarkdown({ model, measures, lints, data }: Audit, checks: readonly Check[]): string {
  const failed = checks.filter(({ passed }) => !passed)
  const verdict =
    checks.length === 0
      ? ''
      : failed.length === 0
        ? `All ${checks.length} thresholds hold.`
        : `**${failed.length} of ${checks.length} thresholds ${failed.length === 1 ? 'does' : 'do'} not hold:**`
  const limits = (id: string) =>
    checks
      .filter(({ measure }) => measure === id)
      .map(({ bound, limit, passed }) => `${passed ? '✓' : '✗'} ${bound === 'min' ? '≥' : '≤'} ${limit}`)
      .join(', ')
  return [
    `### silhouette audit: ${text(model.name)}`,
    '',
    ...(verdict === '' ? [] : [verdict, '']),
    ...failed.map(({ sentence }) => `- ${text(sentence)}`),
    ...(failed.length > 0 ? [''] : []),
    '| measure | value | 95 % interval | images | threshold |',
    '|---|---:|---|---:|---|',
    ...measures.map(measure => {
      const cells = [
        writtenValue(measure),
        writtenInterval(measure),
        measure.images ?? '',
        limits(measure.id),
      ]
      return `| ${text(measure.label)} | ${cells.join(' | ')} |`
    }),
    '',
    ...(lints.length > 0
      ? ['Looks wrong:', '', ...lints.map(({ code, message }) => `- \`${code}\`: ${text(message)}`), '']
      : []),
    `Data: ${data.map(({ name, images }) => `${text(name)} (${images})`).join(', ')}.`,
    '',
  ].join('\n')
}

/** Text that neither ends a table cell nor is markup. */
function text(value: string): string {
  return value.replace(/[\\`*_{}[\]<>|#]/g, character => `\\${character}`).replace(/\s+/g, ' ')
}
