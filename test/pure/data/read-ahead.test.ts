import { describe, expect, it } from 'vitest'
import { inParallel, readAhead } from '../../../src/data/read-ahead.ts'
import { InputError } from '../../../src/errors/input-error.ts'

const tick = () => new Promise(resolve => setTimeout(resolve, 1))

describe('readAhead', () => {
  it('reads one batch ahead of the consumer, never two', async () => {
    const begun: string[] = []
    const read = async (from: number, to: number) => {
      begun.push(`${from}-${to}`)
      await tick()
      return from
    }
    const seen: number[] = []
    for await (const from of readAhead(10, 4, read)) {
      seen.push(from)
      await tick()
      await tick()
      // What is in use, and one more.
      expect(begun).toHaveLength(Math.min(seen.length + 1, 3))
    }
    expect(seen).toEqual([0, 4, 8])
    expect(begun).toEqual(['0-4', '4-8', '8-10'])
  })

  it('throws at the batch that failed, after those before it', async () => {
    const seen: number[] = []
    const run = async () => {
      for await (const from of readAhead(6, 2, async from => {
        if (from === 4) throw new InputError('bad picture')
        return from
      })) {
        seen.push(from)
      }
    }
    await expect(run()).rejects.toThrow('bad picture')
    expect(seen).toEqual([0, 2])
  })

  it('leaves no rejection behind when the consumer stops early', async () => {
    const unheard: unknown[] = []
    const listen = (reason: unknown) => unheard.push(reason)
    process.on('unhandledRejection', listen)
    for await (const _ of readAhead(4, 2, async from => {
      if (from > 0) throw new InputError('never seen')
    })) {
      break
    }
    await tick()
    await tick()
    process.off('unhandledRejection', listen)
    expect(unheard).toEqual([])
  })
})

describe('inParallel', () => {
  it('keeps a bounded number in flight and runs each once', async () => {
    let flying = 0
    let most = 0
    const done: number[] = []
    await inParallel(100, async i => {
      most = Math.max(most, ++flying)
      await tick()
      flying--
      done.push(i)
    })
    expect(done.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i))
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(8)
  })

  it('collects bad input in order and throws bugs', async () => {
    const faults = await inParallel(20, async i => {
      await new Promise(resolve => setTimeout(resolve, 20 - i))
      if (i % 7 === 3) throw new InputError(`image ${i}`)
    })
    expect([...faults.keys()]).toEqual([3, 10, 17])
    await expect(inParallel(3, () => Promise.reject(new TypeError('a bug')))).rejects.toThrow(TypeError)
  })
})
