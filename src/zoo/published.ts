// The six networks of Chen, Agarwal & Nguyen (arXiv 2006.09373) by name, and where their checkpoints are published.
// silhouette downloads nothing: a person gets the file and says where it is.

import type { NetworkOptions } from './architectures.ts'

export interface PublishedModel {
  readonly name: string
  readonly arch: string
  /** What {@link buildNetwork} must be told beyond the classes. */
  readonly options: Pick<NetworkOptions, 'transformInput'>
  /** How it was trained. */
  readonly training: string
  /** Top-1 accuracy on ImageNet's validation images in percent, as its publisher says; undefined: not said. */
  readonly top1: number | undefined
  readonly file: string
  readonly source: string
  /** First digits of the file's SHA-256; torchvision puts them into the name. */
  readonly sha256: string | undefined
}

const authors = 'https://drive.google.com/drive/u/0/folders/1KdJ0aK0rPjmowS8Swmzxf8hX6gU5gG2U'
const standard = 'standard (torchvision)'
const robust = 'adversarial, L2 eps 3 (robustness)'

export const publishedModels: readonly PublishedModel[] = [
  {
    name: 'alexnet',
    arch: 'alexnet',
    options: {},
    training: standard,
    top1: 56.522,
    file: 'alexnet-owt-7be5be79.pth',
    source: 'https://download.pytorch.org/models/alexnet-owt-7be5be79.pth',
    sha256: '7be5be79',
  },
  {
    name: 'alexnet-r',
    arch: 'alexnet',
    options: {},
    training: robust,
    top1: undefined,
    file: 'alexnet_r.pt',
    source: authors,
    sha256: undefined,
  },
  {
    name: 'googlenet',
    arch: 'googlenet',
    options: { transformInput: true },
    training: standard,
    top1: 69.778,
    file: 'googlenet-1378be20.pth',
    source: 'https://download.pytorch.org/models/googlenet-1378be20.pth',
    sha256: '1378be20',
  },
  {
    name: 'googlenet-r',
    arch: 'googlenet',
    options: {},
    training: robust,
    top1: undefined,
    file: 'googlenet_r.pt',
    source: authors,
    sha256: undefined,
  },
  {
    name: 'resnet50',
    arch: 'resnet50',
    options: {},
    training: standard,
    top1: 76.13,
    file: 'resnet50-0676ba61.pth',
    source: 'https://download.pytorch.org/models/resnet50-0676ba61.pth',
    sha256: '0676ba61',
  },
  {
    name: 'resnet50-r',
    arch: 'resnet50',
    options: {},
    training: robust,
    top1: 57.9,
    file: 'imagenet_l2_3_0.pt',
    source: 'https://www.dropbox.com/s/knf4uimlqsi1yz8/imagenet_l2_3_0.pt?dl=0',
    sha256: undefined,
  },
]

/** The published model called `name`, if there is one. */
export function publishedModel(name: string): PublishedModel | undefined {
  return publishedModels.find(model => model.name === name)
}
