import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readCsv, writeCsv } from '../../../src/data/csv.ts'
import {
  countCues,
  cuesOfName,
  readTrials,
  type Trial,
  trialsPath,
  writeTrials,
} from '../../../src/data/trials.ts'
import { InputError } from '../../../src/errors/input-error.ts'

// The raw trials of Geirhos et al. 2019 (CC BY 4.0), where somebody has put them; they are not part of the repository.
const humans = '../shared/data/texture-vs-shape/raw-data/cue-conflict'

const trial: Trial = {
  subject: 'resnet_50',
  session: 1,
  trial: 1,
  reactionTime: Number.NaN,
  response: 'cat',
  category: 'cat',
  condition: '0',
  image: 'cat1-bird3.png',
}

describe('trials', () => {
  it('are written as model-vs-human writes them', () => {
    const text = writeTrials([
      trial,
      { ...trial, trial: 2, response: 'na', reactionTime: 0.75, condition: 'fog-3' },
    ])
    expect(text).toBe(
      'subj,session,trial,rt,object_response,category,condition,imagename\n' +
        'resnet-50,1,1,NaN,cat,cat,0,cat1-bird3.png\n' +
        'resnet-50,1,2,0.75,na,cat,fog-3,cat1-bird3.png\n',
    )
    expect(readTrials(text)).toEqual([
      { ...trial, subject: 'resnet-50' },
      { ...trial, subject: 'resnet-50', trial: 2, response: 'na', reactionTime: 0.75, condition: 'fog-3' },
    ])
    expect(trialsPath('cue-conflict', 'alexnet_r')).toBe(
      'raw-data/cue-conflict/cue-conflict_alexnet-r_session-1.csv',
    )
  })

  it('are read with quotes, Windows line ends, a byte-order mark and further columns', () => {
    const text =
      '\ufeff"subj","session","trial","rt","object_response","category","condition","imagename","age"\r\n' +
      '"subject, the first",1,7,na,cat,bird,0,"a ""b"".png",30\r\n'
    expect(readTrials(text)).toEqual([
      { ...trial, subject: 'subject, the first', trial: 7, category: 'bird', image: 'a "b".png' },
    ])
  })

  it.each([
    ['nothing', '', /lacks the columns subj, .* \(found: nothing\)/],
    [
      'a missing column',
      'subj,session,trial,rt,object_response,category,imagename\n',
      /lacks the columns condition/,
    ],
    ['a short row', `${writeTrials([])}a,1,1\n`, /row 2 has 3 cells, expected 8/],
    ['a session that is no number', `${writeTrials([])}a,x,1,NaN,cat,cat,0,i.png\n`, /row 2 has session "x"/],
  ])('refuse %s', (_, text, message) => {
    expect(() => readTrials(text)).toThrow(InputError)
    expect(() => readTrials(text)).toThrow(message)
  })

  it('count decisions by shape and by texture, but not where both are the same', () => {
    const of = (image: string, response: string) => ({ ...trial, image, response })
    expect(
      countCues([
        of('cat1-bird3.png', 'cat'),
        of('0001_s5n_s01_0_cat_00_cat10-bird2.png', 'bird'),
        of('cat1-bird3.png', 'na'),
        of('cat1-cat3.png', 'cat'),
      ]),
    ).toEqual({ shape: 1, texture: 1, other: 1 })
    expect(() => countCues([of('holiday.png', 'cat')])).toThrow(/does not name its shape and texture/)
    expect(cuesOfName('cat/cat1-bird3.png')).toEqual({ shape: 'cat', texture: 'bird' })
  })

  it.skipIf(!existsSync(humans))('of people pool to the published 0.9587', () => {
    const total = { shape: 0, texture: 0 }
    for (const file of readdirSync(humans).filter(name => name.includes('subject'))) {
      const text = readFileSync(`${humans}/${file}`, 'utf8')
      const counts = countCues(readTrials(text, file))
      if (file.includes('subject-01')) expect(counts).toMatchObject({ shape: 829, texture: 33 })
      total.shape += counts.shape
      total.texture += counts.texture
      expect(writeTrials(readTrials(text, file))).toBe(text)
    }
    expect(total).toEqual({ shape: 9236, texture: 398 })
  })
})

describe('csv', () => {
  it('gives back what was written', () => {
    const rows = [
      { a: 'x,"y"\n', b: '' },
      { a: ' ', b: 'é' },
    ]
    expect(readCsv(writeCsv(['a', 'b'], rows), ['a', 'b'], 'table')).toEqual(rows)
  })
})
