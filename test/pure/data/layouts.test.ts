import { describe, expect, it } from 'vitest'
import { openAdversarialSet, writeAdversarialSet } from '../../../src/data/adversarial-set.node.ts'
import { openBroden } from '../../../src/data/broden.node.ts'
import { readBrodenIndex, readBrodenLabels } from '../../../src/data/broden.ts'
import { imagenetWnids } from '../../../src/data/imagenet.ts'
import { corruptionLevels, openImageNetC } from '../../../src/data/imagenet-c.node.ts'
import { openStimuli } from '../../../src/data/model-vs-human.node.ts'
import { InputError } from '../../../src/errors/input-error.ts'
import { encodePng } from '../../../src/image/codec.node.ts'
import { Random } from '../../../src/tensor/random.ts'
import { float32 } from '../../../src/tensor/tensor.ts'
import { pictures, put, temporaryFolder } from '../../support/picture-folder.ts'

describe('openStimuli', () => {
  it('reads the flat layout', async () => {
    const stimuli = await openStimuli(await pictures(['dog/d1.png', 'bear/b1.png']))
    expect([...stimuli.sessions]).toEqual([1, 1])
    expect(stimuli.conditions).toEqual(['0', '0'])
    for await (const { labels, names } of stimuli.batches({ batchSize: 2 })) {
      expect(names).toEqual(['bear/b1.png', 'dog/d1.png'])
      expect([...labels]).toEqual([1, 10])
    }
  })

  it('reads sessions, conditions and categories from the names', async () => {
    const root = await pictures([
      'dnn/session-2/0001_cop_dnn_c05_bird_10_n01.png',
      'dnn/session-1/0002_cop_dnn_cr_airplane_00_n02.png',
      'dnn/session-1/0001_cop_dnn_c100_knife_00_n03.png',
    ])
    const stimuli = await openStimuli(root, undefined, { only: ['bird', 'knife'] })
    expect([...stimuli.sessions]).toEqual([1, 2])
    expect(stimuli.conditions).toEqual(['c100', 'c05'])
    for await (const { labels } of stimuli.batches({ batchSize: 2 })) expect([...labels]).toEqual([13, 3])
  })

  it('names what does not fit', async () => {
    await expect(openStimuli(await pictures(['zebra/1.png']))).rejects.toThrow(
      /zebra is not a category; expected a folder/,
    )
    await expect(openStimuli(await pictures(['dnn/session-1/1.png']))).rejects.toThrow(
      /expected a name such as 0001_cop/,
    )
    await expect(openStimuli(temporaryFolder())).rejects.toThrow(InputError)
  })
})

describe('openImageNetC', () => {
  it('lists its levels and opens one, labelled by WordNet id', async () => {
    const [first, last] = [imagenetWnids[0], imagenetWnids[999]]
    const root = await pictures([
      `fog/3/${first}/ILSVRC2012_val_00000293.JPEG`,
      `fog/3/${last}/ILSVRC2012_val_00000020.JPEG`,
      `fog/5/${last}/c.png`,
      `jpeg/1/${first}/d.png`,
    ])
    expect(corruptionLevels(root)).toEqual([
      { corruption: 'fog', severity: 3 },
      { corruption: 'fog', severity: 5 },
      { corruption: 'jpeg', severity: 1 },
    ])
    const dataset = await openImageNetC(root, { corruption: 'fog', severity: 3 })
    expect(dataset.name).toBe('fog-3')
    for await (const { labels } of dataset.batches({ batchSize: 2 })) expect([...labels]).toEqual([0, 999])
    await expect(openImageNetC(root, { corruption: 'fog', severity: 1 })).rejects.toThrow(
      /fog\/1: no such folder/,
    )
    expect(() => corruptionLevels(temporaryFolder())).toThrow(/is not ImageNet-C/)
  })
})

describe('Broden', () => {
  const header = 'image,split,ih,iw,sh,sw,color,object,part,material,scene,texture'
  const labels = [
    'number,name,category,frequency,coverage,syns',
    '1,red,color(10),10,1.5,"red;scarlet, bright"',
    '2,wheel,part(3);object(30),33,2,wheel',
    '300,striped,texture(5),5,5,',
  ].join('\n')

  it('reads the index: masks, whole-image labels, several per cell', () => {
    const [image, other] = readBrodenIndex(
      `${header}\na/1.jpg,train,224,224,112,112,a/1_c.png,a/1_o.png;a/2_o.png,,,7,3;4\nb.jpg,val,224,224,56,112,,,,,,\n`,
    )
    expect(image).toEqual({
      image: 'a/1.jpg',
      split: 'train',
      size: [224, 224],
      maskSize: [112, 112],
      masks: ['a/1_c.png', 'a/1_o.png', 'a/2_o.png'],
      whole: [7, 3, 4],
    })
    expect(other).toMatchObject({ maskSize: [56, 112], masks: [], whole: [] })
    expect(() => readBrodenIndex('image,split\n')).toThrow(/lacks the columns ih, iw, sh, sw/)
    expect(() => readBrodenIndex(`${header}\na,train,1,1,x,1,,,,,,\n`)).toThrow(/row 2 has sh "x"/)
  })

  it('gives a shared concept to the category that marks it most', () => {
    expect(readBrodenLabels(labels)).toEqual([
      { number: 1, name: 'red', category: 'color' },
      { number: 2, name: 'wheel', category: 'object' },
      { number: 300, name: 'striped', category: 'texture' },
    ])
    expect(() => readBrodenLabels('number,name,category\nx,red,color\n')).toThrow(InputError)
  })

  async function broden(mask: readonly number[], whole = '1') {
    const root = await pictures(['images/a.png', 'images/b.png'], [8, 8])
    put(root, 'index.csv', `${header}\na.png,train,8,8,2,2,,m/a.png,,,${whole},\nb.png,val,8,8,2,2,,,,,,\n`)
    put(root, 'label.csv', labels)
    // Four mask pixels, each R + 256 G.
    const data = Uint8Array.from(mask.flatMap(v => [v & 255, v >> 8, 0]))
    put(root, 'images/m/a.png', await encodePng({ width: 2, height: 2, channels: 3, data }))
    return root
  }

  it('reads images with their masks', async () => {
    const dataset = await openBroden(await broden([0, 2, 300, 300]), [4, 4])
    expect([dataset.size, dataset.categories]).toEqual([2, ['color', 'object', 'texture']])
    const batches = []
    for await (const batch of dataset.batches({ batchSize: 1 })) batches.push(batch)
    expect(batches.map(b => b.images.shape)).toEqual([
      [1, 3, 4, 4],
      [1, 3, 4, 4],
    ])
    expect(batches[0]!.masks).toEqual([
      { height: 2, width: 2, maps: [Uint16Array.of(0, 2, 300, 300)], whole: [1] },
    ])
    expect(batches[1]!.masks).toEqual([{ height: 2, width: 2, maps: [], whole: [] }])
  })

  it('chooses a split and notices a changed mask', async () => {
    const [one, two] = [await broden([0, 2, 300, 300]), await broden([0, 2, 300, 0])]
    expect((await openBroden(one, [8, 8], { split: 'val' })).size).toBe(1)
    await expect(openBroden(one, [8, 8], { split: 'test' })).rejects.toThrow(/no images of split test/)
    const prints = await Promise.all(
      [one, two].map(async root => (await openBroden(root, [8, 8])).fingerprint),
    )
    expect(prints[0]).not.toBe(prints[1])
  })

  it('refuses marks that no label explains', async () => {
    const read = async (root: string) => {
      for await (const _ of (await openBroden(root, [8, 8])).batches({ batchSize: 2 }));
    }
    await expect(read(await broden([0, 5, 0, 0]))).rejects.toThrow(
      /m\/a\.png marks concept 5, which label\.csv does not list/,
    )
    await expect(read(await broden([0, 0, 0, 0], '77'))).rejects.toThrow(/a\.png marks concept 77/)
    await expect(read(temporaryFolder())).rejects.toThrow(/index\.csv cannot be read: no such file/)
  })
})

describe('adversarial sets', () => {
  const random = new Random(5)
  const images = float32(
    [3, 3, 4, 5],
    Float32Array.from({ length: 180 }, () => random.uniform()),
  )

  it('come back within half a level of 8 bits', async () => {
    const root = temporaryFolder()
    await writeAdversarialSet(root, { images, labels: [2, 0, 1], names: ['a/x.png', 'b/x.png', 'c'] })
    const dataset = await openAdversarialSet(root, ['p', 'q', 'r'])
    for await (const batch of dataset.batches({ batchSize: 3 })) {
      expect([...batch.labels]).toEqual([2, 0, 1])
      expect(batch.names).toEqual(['images/a_x.png.png', 'images/b_x.png.png', 'images/c.png'])
      for (const [i, v] of batch.images.data.entries()) {
        expect(Math.abs(v - images.data[i]!)).toBeLessThanOrEqual(0.5 / 255 + 1e-7)
      }
    }
  })

  it('keep the targets', async () => {
    const root = temporaryFolder()
    await writeAdversarialSet(root, { images, labels: [2, 0, 1], targets: [0, 1, 2] })
    const { readFileSync } = await import('node:fs')
    expect(readFileSync(`${root}/labels.csv`, 'utf8')).toBe(
      'filename,label,targeted_label\n00000.png,2,0\n00001.png,0,1\n00002.png,1,2\n',
    )
  })

  it('are refused where they do not fit', async () => {
    const root = temporaryFolder()
    await expect(writeAdversarialSet(root, { images, labels: [1] })).rejects.toThrow(
      /3 adversarial images, but 1 labels/,
    )
    const twice = { images, labels: [1, 1, 1], names: ['a', 'a', 'b'] }
    await expect(writeAdversarialSet(root, twice)).rejects.toThrow(/same name/)
    put(root, 'labels.csv', 'filename,label\na.png,7\n')
    await expect(openAdversarialSet(root, ['p'])).rejects.toThrow(
      /row 2 has label "7", but classes are 0 to 0/,
    )
    put(root, 'labels.csv', 'filename,label\n../../etc/x.png,0\n')
    await expect(openAdversarialSet(root, ['p'])).rejects.toThrow(/outside images/)
  })
})
