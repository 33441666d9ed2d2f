// An audit as JUnit XML, the form in which build servers read test results: one test per threshold. What the schema of
// Jenkins (junit-10.xsd) requires is there; times are left out, since the same audit gives the same bytes.

import type { Audit } from './audit.ts'
import type { Check } from './thresholds.ts'
import { written } from './written.ts'

/** The XML text. Measures without a threshold are listed as properties. */
export function junitXml({ model, measures }: Audit, checks: readonly Check[]): string {
  const suite = `silhouette audit ${model.name}`
  const failures = checks.filter(({ passed }) => !passed).length
  const counts = `tests="${checks.length}" failures="${failures}" errors="0"`
  const cases = checks.map(({ measure, bound, limit, passed, sentence }) => {
    const name = `${measure} ${bound === 'min' ? '≥' : '≤'} ${limit}`
    const open = `    <testcase classname="${xml(suite)}" name="${xml(name)}"`
    return passed
      ? `${open}/>`
      : `${open}>\n      <failure type="threshold" message="${xml(sentence)}"/>\n    </testcase>`
  })
  const properties = measures.map(
    measure => `      <property name="${xml(measure.id)}" value="${xml(written(measure))}"/>`,
  )
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${xml(suite)}" ${counts}>`,
    '    <properties>',
    ...properties,
    '    </properties>',
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\n': '&#10;',
}

/** Text for an attribute; characters that XML 1.0 cannot hold become the replacement character. */
function xml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML forbids
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replace(/[&<>"'\n]/g, character => entities[character]!)
  )
}
