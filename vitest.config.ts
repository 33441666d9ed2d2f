import { defineConfig } from 'vitest/config'

// Tests are grouped by what they need: pure (nothing), runtime (onnxruntime-node), browser (a headless
// Chromium), package (the build, in a child process), slow (minutes; not part of `npm test`).
const group = (name: string, timeout: number) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    setupFiles: ['test/support/seeded-properties.ts'],
    testTimeout: timeout,
    hookTimeout: timeout,
  },
})

// Packs and unpacks the package once, before the tests that use it.
const packaged = (project: ReturnType<typeof group>) => ({
  test: { ...project.test, globalSetup: ['test/package/setup.ts'] },
})

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      group('pure', 60_000),
      group('runtime', 120_000),
      group('browser', 180_000),
      packaged(group('package', 180_000)),
      group('slow', 1_800_000),
    ],
  },
})
