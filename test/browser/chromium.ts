// A page in a real, headless Chromium, served from this machine by Vite, which also translates the sources.

import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium, type Page } from 'playwright-core'
import { createServer as createVite } from 'vite'

declare global {
  /** Set by a page's script once it can be used. */
  var ready: boolean | undefined
}

export const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Why browser tests cannot run here; undefined when they can. */
export const skipReason = existsSync(executablePath)
  ? undefined
  : `no Chromium at ${executablePath}: install Debian's package chromium, or set CHROMIUM`

export interface OpenPage {
  readonly page: Page
  close(): Promise<void>
}

const flags =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'

/**
 * Opens `path` (an .html file of the repository) and waits until its script has set `ready`.
 * @param isolated whether the page is cross-origin isolated, which WebAssembly threads need.
 */
export async function openPage(path: string, isolated: boolean): Promise<OpenPage> {
  const headers: Record<string, string> = isolated
    ? { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }
    : {}
  const vite = await createVite({
    configFile: false,
    logLevel: 'error',
    appType: 'mpa',
    // Modules are served as they are: bundling dependencies first would reload the page in the middle of a test.
    optimizeDeps: { noDiscovery: true, include: [] },
    server: { middlewareMode: true, hmr: false, ws: false, watch: null, headers },
  })
  const server = createServer(vite.middlewares)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  let browser: Browser | undefined
  const close = async () => {
    await browser?.close()
    await vite.close()
    await new Promise(resolve => server.close(resolve))
  }
  try {
    browser = await chromium.launch({ executablePath, headless: true, args: flags.split(' ') })
    const page = await browser.newPage()
    const faults: string[] = []
    page.on('pageerror', error => faults.push(error.message))
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`)
    await page
      .waitForFunction(() => globalThis.ready, undefined, { timeout: 30_000 })
      .catch(cause => {
        throw new Error(`the page ${path} did not start: ${faults.join('; ') || 'no error shown'}`, { cause })
      })
    return { page, close }
  } catch (error) {
    await close()
    throw error
  }
}
