// The list of commands. A command's file is imported only when that command is called, so that `--help` does
// not load an inference engine.

import type { AnyCommand } from './command.ts'
import type { Terminal } from './terminal.ts'

export interface CommandEntry {
  readonly name: string
  /** One line for the list in `silhouette --help`. */
  readonly summary: string
  load(): Promise<{ command(terminal: Terminal): AnyCommand }>
}

export const commands: readonly CommandEntry[] = [
  {
    name: 'study',
    summary: 'compare a standard and a robust network and write a report',
    load: () => import('./commands/study.ts'),
  },
  {
    name: 'train',
    summary: 'train a network, standard or adversarially',
    load: () => import('./commands/train.ts'),
  },
  {
    name: 'audit',
    summary: 'measure one network and hold it to thresholds',
    load: () => import('./commands/audit.ts'),
  },
  {
    name: 'compare',
    summary: 'say what changed between two audits or two studies',
    load: () => import('./commands/compare.ts'),
  },
  {
    name: 'sweep',
    summary: 'train and measure many networks: schemes, widths, epsilons, ...',
    load: () => import('./commands/sweep.ts'),
  },
  {
    name: 'attack',
    summary: 'search for adversarial examples with FGSM or PGD',
    load: () => import('./commands/attack.ts'),
  },
  {
    name: 'gradient',
    summary: 'write the gradient of the loss with respect to the images',
    load: () => import('./commands/gradient.ts'),
  },
  {
    name: 'shape-bias',
    summary: 'measure shape bias on a cue-conflict folder',
    load: () => import('./commands/shape-bias.ts'),
  },
  {
    name: 'cues',
    summary: 'draw shape bias against blur, size, attack and training',
    load: () => import('./commands/cues.ts'),
  },
  {
    name: 'ood',
    summary: 'measure accuracy on stimuli that people have seen too',
    load: () => import('./commands/ood.ts'),
  },
  {
    name: 'corruption-error',
    summary: 'measure accuracy on ImageNet-C, CIFAR-C or a set of your own',
    load: () => import('./commands/corruption-error.ts'),
  },
  {
    name: 'consistency',
    summary: 'compare the errors of networks and people',
    load: () => import('./commands/consistency.ts'),
  },
  {
    name: 'smoothness',
    summary: 'measure the total variation of kernels and activation maps',
    load: () => import('./commands/smoothness.ts'),
  },
  {
    name: 'dissect',
    summary: 'find the concepts that hidden units detect',
    load: () => import('./commands/dissect.ts'),
  },
  {
    name: 'spectrum',
    summary: 'measure how much of a network lives in high spatial frequencies',
    load: () => import('./commands/spectrum.ts'),
  },
  {
    name: 'diversity',
    summary: 'measure how alike the images are that excite each unit most',
    load: () => import('./commands/diversity.ts'),
  },
  {
    name: 'ablate',
    summary: 'switch units off and count what breaks',
    load: () => import('./commands/ablate.ts'),
  },
  {
    name: 'corrupt',
    summary: 'write corrupted copies of a folder of images, as ImageNet-C',
    load: () => import('./commands/corrupt.ts'),
  },
  {
    name: 'concepts',
    summary: 'make or check a folder of images with concept masks',
    load: () => import('./commands/concepts.ts'),
  },
  {
    name: 'synthesize',
    summary: 'make pictures with a network: generation, inpainting, super-resolution and more',
    load: () => import('./commands/synthesize.ts'),
  },
  {
    name: 'masking',
    summary: 'check that a network withstands attacks and does not only hide its gradient',
    load: () => import('./commands/masking.ts'),
  },
  {
    name: 'cue-conflict',
    summary: 'make stimuli whose shape and texture disagree',
    load: () => import('./commands/cue-conflict.ts'),
  },
  {
    name: 'stylize',
    summary: 'write a copy of a folder of images in other styles',
    load: () => import('./commands/stylize.ts'),
  },
  {
    name: 'data',
    summary: 'write the embedded data set to a folder',
    load: () => import('./commands/data.ts'),
  },
  {
    name: 'inspect',
    summary: 'print a network, its preprocessing and what looks wrong with them',
    load: () => import('./commands/inspect.ts'),
  },
  {
    name: 'models',
    summary: 'list the known networks and where their checkpoints are published',
    load: () => import('./commands/models.ts'),
  },
  {
    name: 'report',
    summary: 'write the report of a finished study again',
    load: () => import('./commands/report.ts'),
  },
]
