import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readCsv, writeCsv } from '../../../src/data/csv.ts'
import { cuesOfName, readTrials, type Trial, trialsPath, writeTrials } from '../../../src/data/trials.ts'
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

  it('of cue-conflict pictures name shape and texture', () => {
    const cues = { shape: 'cat', texture: 'bird' }
    for (const name of ['cat1-bird3.png', 'cat/cat10-bird2.png', '0001_s5n_s01_0_cat_00_cat1-bird3.png']) {
      expect(cuesOfName(name)).toEqual(cues)
    }
    expect(cuesOfName('holiday.png')).toBeUndefined()
  })

  it.skipIf(!existsSync(humans))('of people come back as the same bytes', () => {
    for (const file of readdirSync(humans)) {
      const text = readFileSync(`${humans}/${file}`, 'utf8')
      expect(writeTrials(readTrials(text, file))).toBe(text)
    }
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
