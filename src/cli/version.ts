// The version of this package, read from its package.json: the same file seen from src/ and from dist/.

import { readFileSync } from 'node:fs'
import { z } from 'zod'

const Package = z.object({ version: z.string() })

/** `1.2.3` */
export function packageVersion(): string {
  return Package.parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')))
    .version
}
