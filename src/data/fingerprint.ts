// A data set's identity: SHA-256 over everything that affects the images and labels it gives out.

/** SHA-256 of `parts`, each with its length before it, as 64 hex digits. */
export async function fingerprintOf(parts: readonly (string | Uint8Array)[]): Promise<string> {
  const encoder = new TextEncoder()
  const digests: Uint8Array[] = []
  // One digest per part: parts can be large, and joined they would have to be copied.
  for (const part of parts) digests.push(await sha256(typeof part === 'string' ? encoder.encode(part) : part))
  const all = new Uint8Array(32 * digests.length)
  for (const [i, digest] of digests.entries()) all.set(digest, 32 * i)
  return Array.from(await sha256(all), byte => byte.toString(16).padStart(2, '0')).join('')
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  const plain = bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice()
  return new Uint8Array(await crypto.subtle.digest('SHA-256', plain))
}
