import { describe, expect, test } from 'vitest'
import {
  classesFromTransformers,
  manifestFromTimm,
  manifestFromTransformers,
} from '../../../src/classifier/hub.ts'
import { defaultClasses, mergeManifests, parseManifest } from '../../../src/classifier/manifest.ts'

describe('defaults', () => {
  test('ImageNet-sized networks: shorter side, centre crop; small ones: the whole image', () => {
    expect(mergeManifests([], [224, 224]).preprocessing).toEqual({
      size: [224, 224],
      resize: 'short-side',
      resizeTo: 256,
      filter: 'bilinear',
      crop: 'center',
      channels: 'rgb',
      range: 1,
      mean: [0, 0, 0],
      std: [1, 1, 1],
      output: 'logits',
    })
    expect(mergeManifests([], [32, 32]).preprocessing).toMatchObject({ resize: 'exact', crop: 'none' })
    expect(mergeManifests([], [32, 32]).preprocessing).not.toHaveProperty('resizeTo')
  })
  test('a resize rule does not take the length of another', () => {
    const manifests = [
      { source: 'flags', manifest: { resize: 'exact' } as const },
      { source: 'file', manifest: { resize: 'short-side', resizeTo: 256 } as const },
    ]
    expect(mergeManifests(manifests, [224, 224]).preprocessing).not.toHaveProperty('resizeTo')
  })
  test('a size that nobody says is asked for', () => {
    expect(() => mergeManifests([], undefined)).toThrow(/any size.*--size/)
  })
  test('class names', () => {
    expect(defaultClasses(2)).toEqual(['class 0', 'class 1'])
    expect(defaultClasses(1000)[0]).toBe('n01440764')
  })
  test('errors name the field', () => {
    expect(() => parseManifest('{"filter":"cubic"}', 'm.json')).toThrow(/^m\.json: filter: invalid option/)
    expect(() => parseManifest('[]', 'm.json')).toThrow(/^m\.json: invalid input/)
  })
})

// Shapes of files as the hubs publish them; fields that do not change pixels are left out here and ignored there.
describe('hub configs', () => {
  const cfg = {
    input_size: [3, 288, 288],
    interpolation: 'bicubic',
    crop_pct: 0.95,
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
  }
  test('timm: floor(288 / .95), then centre crop', () => {
    expect(manifestFromTimm({ architecture: 'resnet50', pretrained_cfg: cfg }, 'c')).toEqual({
      size: [288, 288],
      resize: 'short-side',
      resizeTo: 303,
      filter: 'bicubic',
      crop: 'center',
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
      arch: 'resnet50',
    })
    expect(
      manifestFromTimm({ pretrained_cfg: { ...cfg, crop_mode: 'squash', crop_pct: 1 } }, 'c'),
    ).toMatchObject({
      resize: 'exact',
      resizeTo: 288,
    })
    expect(() => manifestFromTimm({ pretrained_cfg: { ...cfg, mean: [1] } }, 'c')).toThrow(
      /^c: pretrained_cfg\.mean/,
    )
  })

  const normalise = { image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] }
  test.each([
    [
      'ViT',
      { size: 224, resample: 2 },
      { size: [224, 224], resize: 'exact', crop: 'none', filter: 'bilinear' },
    ],
    [
      'MobileNet V2',
      { size: { shortest_edge: 256 }, do_center_crop: true, crop_size: { height: 224, width: 224 } },
      { size: [224, 224], resize: 'short-side', resizeTo: 256, crop: 'center' },
    ],
    [
      'ConvNeXt at 224',
      { size: { shortest_edge: 224 }, crop_pct: 0.875, resample: 3 },
      { size: [224, 224], resize: 'short-side', resizeTo: 256, crop: 'center', filter: 'bicubic' },
    ],
    [
      'ConvNeXt at 384',
      { size: { shortest_edge: 384 }, crop_pct: 0.875 },
      { size: [384, 384], resize: 'exact' },
    ],
    [
      'EfficientNet',
      { size: { height: 256, width: 256 }, do_center_crop: true, crop_size: 224, resample: 0 },
      { size: [224, 224], resize: 'exact', resizeTo: 256, crop: 'center', filter: 'nearest' },
    ],
    [
      'MobileViT',
      { size: 256, do_flip_channel_order: true, do_normalize: false },
      { channels: 'bgr', mean: [0, 0, 0] },
    ],
    [
      'unscaled',
      { do_resize: false, do_rescale: false, do_normalize: false },
      { resize: 'none', range: 255 },
    ],
  ])('transformers: %s', (_, config, expected) => {
    expect(manifestFromTransformers({ ...normalise, ...config }, 'p')).toMatchObject(expected)
  })

  test('class names in the order of the outputs', () => {
    expect(classesFromTransformers({ id2label: { 1: 'b', 0: 'a', 2: 'c' } })).toEqual(['a', 'b', 'c'])
    expect(classesFromTransformers({ id2label: { 0: 'a', 2: 'c' } })).toBeUndefined()
    expect(classesFromTransformers({})).toBeUndefined()
  })
})
