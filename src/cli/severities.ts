// How strongly images are corrupted, as command lines say it.

import { InvalidArgumentError } from '@commander-js/extra-typings'
import { type Severity, severities } from '../distort/index.ts'

export function parseSeverities(text: string): readonly Severity[] {
  const wanted = new Set(
    text.split(',').flatMap(part => {
      const [, from, to = from] = /^\s*([1-5])(?:-([1-5]))?\s*$/.exec(part) ?? []
      if (from === undefined)
        throw new InvalidArgumentError('expected severities from 1 to 5, such as 1,3,5 or 1-5')
      return severities.filter(severity => severity >= Number(from) && severity <= Number(to))
    }),
  )
  return severities.filter(severity => wanted.has(severity))
}
