import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { fileLedger } from '../../../src/study/ledger.node.ts'
import { type Lane, type RunResult, runTasks } from '../../../src/study/run.ts'
import { canonicalJson, type Task, type TaskIdentity, taskHash } from '../../../src/study/task.ts'

const identity: TaskIdentity = {
  probe: 'count',
  version: 1,
  options: { images: 10, eps: [1, 2] },
  models: { standard: 'aa', robust: 'bb' },
  data: ['cc'],
  seed: 0,
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Tasks that note when they run. */
function counting(names: readonly string[], log: string[], body: (name: string) => void = () => {}): Task[] {
  return names.map(name => ({
    label: name,
    identity: { ...identity, probe: name },
    schema: z.object({ name: z.string() }),
    async run() {
      body(name)
      log.push(name)
      return { result: { name }, pictures: { dot: Uint8Array.of(1, 2, 3) } }
    },
  }))
}

describe('identity', () => {
  test('is a known hash: changing it would forget every study ever run', async () => {
    expect(await taskHash(identity)).toMatchInlineSnapshot(
      `"335fb1dc5ad21589daf6ed48f7a1ddd7fe38f73a4fe5d6aaecba179e8f255637"`,
    )
  })

  test.each([
    { ...identity, probe: 'other' },
    { ...identity, version: 2 },
    { ...identity, options: { images: 11, eps: [1, 2] } },
    { ...identity, options: { images: 10, eps: [2, 1] } },
    { ...identity, models: { standard: 'bb', robust: 'aa' } },
    { ...identity, data: [] },
    { ...identity, seed: 1 },
  ])('changes with everything that affects a result: %j', async changed => {
    expect(await taskHash(changed)).not.toBe(await taskHash(identity))
  })

  test('does not change with the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), value => {
        const reversed = Object.fromEntries(Object.entries(value).reverse())
        expect(canonicalJson(reversed as never)).toBe(canonicalJson(value as never))
        expect(JSON.parse(canonicalJson(value as never))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})

describe('a run over the file ledger', () => {
  test('does every task once, in order, and never again', async () => {
    const log: string[] = []
    const tasks = counting(['a', 'b', 'c'], log)
    const first = await runTasks(tasks, fileLedger(folder))
    expect(first.ran).toBe(3)
    expect(log).toEqual(['a', 'b', 'c'])
    const second = await runTasks(tasks, fileLedger(folder))
    expect(second.ran).toBe(0)
    expect(log).toEqual(['a', 'b', 'c'])
    expect(second.finished.map(f => f.outcome)).toEqual(first.finished.map(f => f.outcome))
    expect(first.finished.every(({ seconds }) => seconds !== undefined && seconds >= 0)).toBe(true)
    expect(second.finished.map(({ seconds }) => seconds)).toEqual([undefined, undefined, undefined])
  })

  test('goes on after a failure where it stopped', async () => {
    const log: string[] = []
    const failing = counting(['a', 'b', 'c'], log, name => {
      if (name === 'b') throw new Error('power cut')
    })
    await expect(runTasks(failing, fileLedger(folder))).rejects.toThrow('power cut')
    const result = await runTasks(counting(['a', 'b', 'c'], log), fileLedger(folder))
    expect(result.ran).toBe(2)
    expect(log).toEqual(['a', 'b', 'c'])
  })

  test('stops between tasks when the signal fires, with the finished ones kept', async () => {
    const log: string[] = []
    const controller = new AbortController()
    const tasks = counting(['a', 'b', 'c'], log, name => {
      if (name === 'b') controller.abort()
    })
    await expect(runTasks(tasks, fileLedger(folder), { signal: controller.signal })).rejects.toThrow(
      'aborted',
    )
    expect(log).toEqual(['a', 'b'])
    expect(readdirSync(folder).filter(name => name.endsWith('.json'))).toHaveLength(2)
  })

  describe('on two lanes', () => {
    const lane: Lane = { run: (task, context) => task.run(context) }
    const lanes = [lane, lane]

    /** A task that runs `body` and answers its name; its probe is its name, so equal names are one task. */
    function named(name: string, body: Task['run'], needs: readonly Task[] = []): Task {
      return {
        label: name,
        identity: { ...identity, probe: name },
        schema: z.object({ name: z.string() }),
        needs,
        run: async context => {
          await body(context)
          return { result: { name } }
        },
      }
    }
    const nothing = async () => ({ result: undefined })
    const namesOf = (result: RunResult) => result.finished.map(({ outcome }) => outcome.result)

    test('two tasks run at once, and results come in the order of the tasks', async () => {
      let [open, meet] = [() => {}, new Promise<void>(() => {})]
      meet = new Promise(resolve => {
        open = resolve
      })
      // The first ends only after the second began.
      const tasks = [
        named('a', async () => ({ result: await meet })),
        named('b', async () => ({ result: open() })),
        named('c', nothing),
      ]
      const result = await runTasks(tasks, fileLedger(folder), { lanes })
      expect(result.ran).toBe(3)
      expect(namesOf(result)).toEqual([{ name: 'a' }, { name: 'b' }, { name: 'c' }])
    })

    test('a task waits for those that it needs, and gets their answers', async () => {
      const log: string[] = []
      const slow = named('slow', async () => {
        await new Promise(resolve => setTimeout(resolve, 30))
        return { result: log.push('slow') }
      })
      const after = named(
        'after',
        async ({ answerOf }) => ({ result: log.push(JSON.stringify(answerOf(slow))) }),
        [slow],
      )
      await runTasks([slow, after], fileLedger(folder), { lanes })
      expect(log).toEqual(['slow', '{"name":"slow"}'])
    })

    test('what is asked twice is done once', async () => {
      const log: string[] = []
      const again = () => named('a', async () => ({ result: log.push('a') }))
      const result = await runTasks([again(), again(), named('b', nothing)], fileLedger(folder), { lanes })
      expect(log).toEqual(['a'])
      expect(result.ran).toBe(2)
      expect(namesOf(result)).toEqual([{ name: 'a' }, { name: 'a' }, { name: 'b' }])
    })

    test('when one fails, nothing further is begun', async () => {
      const log: string[] = []
      const tasks = [
        named('long', async () => {
          await new Promise(resolve => setTimeout(resolve, 30))
          return { result: log.push('long') }
        }),
        named('bad', () => Promise.reject(new Error('power cut'))),
        named('never', async () => ({ result: log.push('never') })),
      ]
      await expect(runTasks(tasks, fileLedger(folder), { lanes })).rejects.toThrow('power cut')
      await new Promise(resolve => setTimeout(resolve, 80))
      expect(log).toEqual(['long'])
    })
  })

  test('a task counts as finished only when its JSON stands: left-over pictures and temporary files do not', async () => {
    const log: string[] = []
    const tasks = counting(['a'], log)
    const hash = await taskHash(tasks[0]!.identity)
    writeFileSync(join(folder, `${hash}.dot.png`), 'half a picture')
    writeFileSync(join(folder, `${hash}.json.0123.tmp`), '{"task":')
    expect((await runTasks(tasks, fileLedger(folder))).ran).toBe(1)
    expect(readFileSync(join(folder, `${hash}.dot.png`))).toEqual(Buffer.of(1, 2, 3))
  })

  test('says which file is damaged and what to do', async () => {
    const tasks = counting(['a'], [])
    const hash = await taskHash(tasks[0]!.identity)
    const ledger = fileLedger(folder)
    await runTasks(tasks, ledger)
    const json = join(folder, `${hash}.json`)
    const entry = readFileSync(json, 'utf8')
    const attempt = () => runTasks(tasks, ledger)

    writeFileSync(json, entry.slice(0, 40))
    await expect(attempt()).rejects.toThrow(
      `${json} (a) is not a ledger entry; delete the file to run it again`,
    )
    writeFileSync(json, entry.replace('"name": "a"', '"name": 5'))
    await expect(attempt()).rejects.toThrow('holds something else than its result')
    writeFileSync(json, entry)
    writeFileSync(join(folder, `${hash}.dot.png`), 'another picture')
    await expect(attempt()).rejects.toThrow('has another picture')
    rmSync(join(folder, `${hash}.dot.png`))
    await expect(attempt()).rejects.toThrow('lacks its picture')
    rmSync(json)
    expect((await attempt()).ran).toBe(1)
    expect(existsSync(json)).toBe(true)
  })
})
