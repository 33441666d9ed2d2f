// Colour names against those that CSS gives: every CSS colour that is called by a basic term, with or without an
// adjective (`darkgreen`, `lightskyblue`).

import { expect, it } from 'vitest'
import { basicColour, basicColours, nameColours } from '../../../src/image/basic-colours.ts'

const css: Readonly<Record<string, readonly string[]>> = {
  black: ['000000'],
  blue: [
    ...['0000ff', '00008b', '0000cd', '4169e1', '1e90ff', '00bfff', '87ceeb', '87cefa', 'add8e6', 'b0e0e6'],
    ...['4682b4', '6495ed', '191970', '5f9ea0', '000080'],
  ],
  brown: ['a52a2a', '8b4513', 'f4a460', 'bc8f8f', 'd2b48c', 'a0522d', 'd2691e'],
  green: [
    ...['008000', '006400', '228b22', '2e8b57', '3cb371', '8fbc8f', '90ee90', '98fb98', '00ff00', '32cd32'],
    ...['556b2f', '7cfc00', '9acd32', 'adff2f', '00ff7f', '00fa9a', '7fff00', '6b8e23'],
  ],
  grey: ['808080', 'a9a9a9', 'd3d3d3', '696969', '778899', '708090', '2f4f4f', 'c0c0c0'],
  orange: ['ffa500', 'ff8c00'],
  pink: ['ffc0cb', 'ffb6c1', 'ff69b4', 'ff1493'],
  purple: ['800080', '663399', '9370db', '8a2be2', '9400d3', '9932cc', '4b0082', 'ba55d3', 'da70d6'],
  red: ['ff0000', '8b0000', 'dc143c', 'b22222', 'cd5c5c', 'ff6347'],
  white: ['ffffff', 'f8f8ff', 'f5f5f5', 'fffafa', 'faebd7', 'ffdead'],
  yellow: ['ffff00', 'ffd700', 'ffffe0', 'fafad2', 'f0e68c'],
}

it('calls colours as CSS does', () => {
  const wrong: string[] = []
  let count = 0
  for (const [name, codes] of Object.entries(css)) {
    for (const code of codes) {
      const [r, g, b] = [0, 2, 4].map(at => Number.parseInt(code.slice(at, at + 2), 16))
      const found = basicColour(r!, g!, b!)
      count++
      if (found !== name) wrong.push(`${code} is ${name}, found ${found}`)
    }
  }
  expect(count).toBe(81)
  expect(wrong).toEqual([
    'a52a2a is brown, found red',
    'f4a460 is brown, found orange',
    'd2691e is brown, found orange',
    '2f4f4f is grey, found blue',
    'ffffe0 is yellow, found white',
  ])
})

it('names the pixels of an image', () => {
  const planes = Float32Array.from([1, 0, 0.5, 0, 0, 0.5, 0, 1, 0.5])
  expect(Array.from(nameColours(planes, 3), i => basicColours[i])).toEqual(['red', 'blue', 'grey'])
})
