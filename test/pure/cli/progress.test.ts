import { expect, test } from 'vitest'
import { duration, terminalProgress } from '../../../src/cli/progress.ts'

function sink(isTTY: boolean, columns = 80) {
  const written: string[] = []
  return { isTTY, columns, written, write: (text: string) => written.push(text) }
}

test('on a terminal: one bar, redrawn at most ten times a second, with the time left, wiped at the end', () => {
  let clock = 0
  const err = sink(true)
  const task = terminalProgress(err, { color: false, now: () => clock }).start('attack', 100, 'images')
  for (let i = 0; i < 50; i++) {
    clock += 20
    task.advance(1, 'eps 3')
  }
  expect(err.written.length).toBeLessThan(15)
  expect(err.written.at(-1)).toBe(
    `\r\x1b[2Kattack ${'━'.repeat(12)}${' '.repeat(12)} 50/100 images, 1 s left  eps 3`,
  )
  task.end()
  expect(err.written.at(-1)).toBe('\r\x1b[2K')
})

test('of two bars the one that started last is drawn, then the other again', () => {
  let clock = 0
  const err = sink(true)
  const progress = terminalProgress(err, { color: false, now: () => clock })
  const first = progress.start('first', 10)
  const second = progress.start('second', 10)
  const drawnAfter = (act: () => void) => {
    clock += 200
    const before = err.written.length
    act()
    return err.written.slice(before).map(text => /\[2K(\w*)/.exec(text)?.[1])
  }
  expect(drawnAfter(() => first.advance())).toEqual([])
  expect(drawnAfter(() => second.advance())).toEqual(['second'])
  expect(drawnAfter(() => second.end())).toEqual([''])
  expect(drawnAfter(() => first.advance())).toEqual(['first'])
  expect(drawnAfter(() => first.end())).toEqual([''])
})

test('a bar never wraps a narrow terminal', () => {
  const err = sink(true, 40)
  terminalProgress(err, { color: false, now: () => 0 }).start('a label that is very much too long', 10)
  for (const line of err.written) expect(line.replace('\r\x1b[2K', '').length).toBeLessThan(40)
})

test('into a file: no escape codes, one line every ten seconds', () => {
  let clock = 0
  const err = sink(false)
  const task = terminalProgress(err, { color: true, now: () => clock }).start('train', 100, 'steps')
  for (let i = 0; i < 100; i++) {
    clock += 250
    task.advance()
  }
  task.end()
  expect(err.written).toEqual(['train: 40/100 steps, 15 s left\n', 'train: 80/100 steps, 5 s left\n'])
})

test('durations as a person says them', () => {
  expect([850, 12_000, 185_000, 7_800_000].map(duration)).toEqual([
    '850 ms',
    '12 s',
    '3 min 05 s',
    '2 h 10 min',
  ])
})
