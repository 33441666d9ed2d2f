import { parseHTML } from 'linkedom'
import { expect, test } from 'vitest'
import type { Consistency } from '../../../src/probe/consistency/consistency.ts'
import { renderPeople } from '../../../src/report/people.ts'

const around = (value: number) => ({ value, low: value - 0.02, high: value + 0.02 })

/** The page of people and networks with these error consistencies. */
function title(networks: Readonly<Record<string, number>>): string | null | undefined {
  const row = (observer: string, consistency: number, meanRank: number | null) => ({
    observer,
    accuracy: around(0.5),
    accuracyDifference: around(0.1),
    observedConsistency: around(0.6),
    errorConsistency: around(consistency),
    meanRank,
  })
  const result: Consistency = {
    benchmark: {
      datasets: [{ name: 'edge', conditions: 1, images: 160, people: 10 }],
      leftOut: [],
      rows: [
        ...Object.entries(networks).map(([name, value], i) => row(name, value, i + 1)),
        row('people', 0.38, null),
      ],
    },
    matrices: [],
  }
  return parseHTML(renderPeople(result, '0')).document.querySelector('h1')?.textContent
}

test('the headline names the network that is most like people only where the intervals say so', () => {
  const people = ', people with 0.38 to each other'
  expect(title({ a: 0.1 })).toBe(`a errs with an error consistency of 0.10 to them${people}`)
  // By error consistency, whatever the rank.
  expect(title({ a: 0.1, b: 0.2 })).toBe(
    `b is most like people: it errs with an error consistency of 0.20 to them${people}`,
  )
  expect(title({ a: 0.1, b: 0.08, c: -0.1 })).toBe(
    `a and b err about as much like people, with 0.10 and 0.08 of error consistency to them${people}`,
  )
})
