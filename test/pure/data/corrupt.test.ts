import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type CorruptFolderOptions, corruptFolder } from '../../../src/data/corrupt.node.ts'
import { distorted } from '../../../src/data/distorted.ts'
import { imagenetWnids } from '../../../src/data/imagenet.ts'
import { corruptionLevels, openImageNetC } from '../../../src/data/imagenet-c.node.ts'
import { corruption } from '../../../src/distort/index.ts'
import { decodeImage, encodePng } from '../../../src/image/codec.node.ts'
import { toTensor } from '../../../src/image/index.ts'
import { float32, rows } from '../../../src/tensor/tensor.ts'
import { run } from '../../support/command.ts'
import { memoryDataset } from '../../support/memory-dataset.ts'
import { testPicture } from '../../support/picture.ts'
import { put, temporaryFolder } from '../../support/picture-folder.ts'

const [first, second] = [imagenetWnids[0]!, imagenetWnids[1]!]

async function folder(): Promise<CorruptFolderOptions> {
  const base = temporaryFolder()
  const root = join(base, 'in')
  for (const name of [`${first}/a.png`, `${first}/b.JPEG`, `${second}/c.png`])
    put(root, name, await encodePng(testPicture(32, 24)))
  return {
    root,
    out: join(base, 'out'),
    corruptions: ['fog', 'contrast'],
    severities: [2, 5],
    seed: 3,
    format: 'jpeg',
    quality: 85,
  }
}

const filesOf = (root: string) =>
  readdirSync(root, { recursive: true })
    .map(String)
    .filter(path => statSync(join(root, path)).isFile())
    .sort()

describe('corruptFolder', () => {
  test('writes what the reader of ImageNet-C reads', async () => {
    const options = await folder()
    expect(await corruptFolder(options)).toEqual({ made: 12, kept: 0 })
    const levels = corruptionLevels(options.out)
    expect(levels).toEqual([
      { corruption: 'contrast', severity: 2 },
      { corruption: 'contrast', severity: 5 },
      { corruption: 'fog', severity: 2 },
      { corruption: 'fog', severity: 5 },
    ])
    const data = await openImageNetC(options.out, levels[3]!)
    expect([data.size, data.name]).toEqual([3, 'fog-5'])
    for await (const batch of data.batches({ batchSize: 3 })) {
      expect([...batch.labels]).toEqual([0, 0, 1])
      expect(batch.images.shape).toEqual([3, 3, 24, 32])
    }
  })

  test('goes on where it was stopped, with the bytes of a run that was not', async () => {
    const options = { ...(await folder()), format: 'png' as const }
    await corruptFolder(options)
    const whole = filesOf(options.out).map(path => readFileSync(join(options.out, path)))
    const gone = join(options.out, 'fog', '5', first, 'a.png')
    rmSync(gone)
    expect(await corruptFolder(options)).toEqual({ made: 1, kept: 11 })
    expect(filesOf(options.out).map(path => readFileSync(join(options.out, path)))).toEqual(whole)

    const controller = new AbortController()
    const stopping = { ...options, out: `${options.out}-2`, signal: controller.signal }
    let steps = 0
    const progress = {
      start: () => ({ advance: () => void (++steps === 5 && controller.abort()), end() {} }),
    }
    await expect(corruptFolder({ ...stopping, progress })).rejects.toThrow()
    expect(await corruptFolder({ ...options, out: stopping.out })).toEqual({ made: 7, kept: 5 })
    expect(filesOf(stopping.out).map(path => readFileSync(join(stopping.out, path)))).toEqual(whole)
  })

  test('refuses to mix settings, and folders that make no sense', async () => {
    const options = await folder()
    await corruptFolder(options)
    await expect(corruptFolder({ ...options, seed: 4 })).rejects.toThrow('made with other settings')
    await expect(corruptFolder({ ...options, out: join(options.root, 'c') })).rejects.toThrow('lies in')
    put(options.root, 'x/broken.png', 'no picture')
    await expect(corruptFolder(options)).rejects.toThrow('x/broken.png: not an image')
  })

  test('takes overlays from a folder', async () => {
    const options = { ...(await folder()), corruptions: ['frost' as const], format: 'png' as const }
    await corruptFolder(options)
    const overlays = temporaryFolder()
    put(overlays, 'one.png', await encodePng({ ...testPicture(64, 64), data: new Uint8Array(64 * 64 * 3) }))
    const out = `${options.out}-black`
    await corruptFolder({ ...options, out, frost: overlays })
    // At severity 2 the picture keeps .8 of itself, and black adds nothing.
    const { data } = await decodeImage(readFileSync(join(out, 'frost', '2', first, 'a.png')))
    expect([...data]).toEqual([...testPicture(32, 24).data].map(value => Math.floor(value * 0.8)))
  })
})

test('the command says what it made and what is wrong', async () => {
  const { root, out } = await folder()
  const made = [
    '--out',
    out,
    '--corruptions',
    'digital',
    '--severities',
    '1-2,5',
    '--crop',
    '20',
    '--workers',
    '1',
  ]
  expect(await run('corrupt', root, ...made)).toMatchObject({
    code: 0,
    out: `${out}: 36 files made, 0 were there\n`,
  })
  const image = await decodeImage(readFileSync(join(out, 'pixelate', '5', second, 'c.jpg')))
  expect([image.width, image.height]).toEqual([20, 20])
  expect(existsSync(join(out, 'pixelate', '5', first, 'b.JPEG'))).toBe(true)
  expect((await run('corrupt', root, '--out', out, '--corruptions', 'rain')).code).toBe(2)
  expect(await run('corrupt', root, '--out', out, '--severities', '0-3')).toMatchObject({ code: 2 })
  expect((await run('corrupt', root, '--out', out, '--resize', '20')).err).toContain('--resize needs --crop')
})

test('a data set is corrupted while it is read, whatever the batches', async () => {
  const images = toTensor([testPicture(32, 32), testPicture(32, 32), testPicture(32, 32)])
  const data = memoryDataset('pictures', images, Int32Array.of(0, 0, 0), 1)
  const noisy = await distorted(data, corruption('gaussian_noise', 2), 7)
  const read = async (batchSize: number) => {
    const all = new Float32Array(images.data.length)
    let at = 0
    for await (const batch of noisy.batches({ batchSize })) {
      all.set(batch.images.data, at)
      at += batch.images.data.length
    }
    return float32(images.shape, all)
  }
  const whole = await read(3)
  expect((await read(1)).data).toEqual(whole.data)
  expect(rows(whole, 0, 1).data).not.toEqual(rows(whole, 1, 2).data)
  const prints = await Promise.all(
    [corruption('gaussian_noise', 3), corruption('fog', 2)].map(d =>
      distorted(data, d, 7).then(x => x.fingerprint),
    ),
  )
  expect(new Set([data.fingerprint, noisy.fingerprint, ...prints]).size).toBe(4)
})
