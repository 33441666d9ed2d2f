// silhouette attack: adversarial examples by FGSM or PGD, from arrays to an array.

import { type AttackResult, defaultStepSize, norms, pgd } from '../../attack/index.ts'
import { loadClassifier } from '../../classifier/load.node.ts'
import { writeNpy } from '../../data/npy.ts'
import { writeFileAtomic } from '../../files/atomic.node.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import { Random } from '../../tensor/random.ts'
import { float32 } from '../../tensor/tensor.ts'
import {
  type AnyCommand,
  commandProgress,
  newCommand,
  numberFrom,
  parseCount,
  parseEpsilon,
  parseNorm,
  parseTriple,
  printResult,
} from '../command.ts'
import { pieces, readLabelledImages } from '../labelled-images.ts'
import { manifestOf } from '../model-options.ts'
import type { Terminal } from '../terminal.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'attack',
    'Search for adversarial examples with projected gradient descent (PGD) or FGSM.',
  )
    .argument('<model>', 'an .onnx file, a .safetensors file or a checkpoint folder')
    .requiredOption('--images <path>', 'images [n, 3, h, w] from 0 to 1, .npy, or a folder of class folders')
    .option('--labels <file>', 'class index per image, .npy (default: the class folders)')
    .requiredOption('--out <file>', 'where the perturbed images go, .npy')
    .option('--norm <name>', 'norm of the perturbation: L2 or Linf', parseNorm, 'L2' as const)
    .option('--eps <e>', 'radius of the ball in pixel units of 0 to 1, such as 3 or 8/255', parseEpsilon, 3)
    .option('--steps <n>', 'gradient steps', parseCount, 7)
    .option('--step-size <s>', 'length of a step (default: 2.5 eps / steps)', numberFrom(0))
    .option('--fgsm', 'one step of length eps from the image itself')
    .option('--no-random-start', 'start at the image itself, not at a random point of the ball')
    .option('--restarts <n>', 'random starts, of which the best outcome is kept', parseCount, 1)
    .option('--best', 'keep the best iterate instead of the last')
    .option('--targeted', 'the labels are the classes to reach, not to leave')
    .option('--batch-size <n>', 'images attacked at once', parseCount, 16)
    .option('--threads <n>', 'threads of one operator', parseCount, 2)
    .option('--arch <name>', 'architecture, for files that hold weights only')
    .option('--mean <r,g,b>', 'mean the network wants subtracted, in units of its range', parseTriple)
    .option('--std <r,g,b>', 'standard deviation the network wants divided by', parseTriple)
    .action(async (path, options) => {
      const runtime = nodeRuntime({ threads: options.threads })
      const model = await loadClassifier(path, runtime, manifestOf(options))
      const { eps: epsilon, norm, targeted = false, fgsm = false } = options
      const steps = fgsm ? 1 : options.steps
      const stepSize = fgsm ? epsilon : (options.stepSize ?? defaultStepSize(epsilon, steps))
      const randomStart = options.randomStart && !fgsm
      const all = await readLabelledImages(model, options.images, options.labels)
      const count = all.labels.length

      const random = new Random(options.seed)
      const task = commandProgress(terminal, options).start('attacking', count, 'images')
      const adversarial: boolean[] = []
      const distance: number[] = []
      const out = new Float32Array(all.images.data.length)
      let at = 0
      for (const batch of pieces(all, options.batchSize)) {
        const result: AttackResult = await pgd(model, batch, {
          norm,
          epsilon,
          steps,
          stepSize,
          restarts: options.restarts,
          best: options.best ?? false,
          ...(randomStart && { random }),
          ...(targeted && { targets: batch.labels }),
          signal: terminal.signal,
        })
        out.set(result.images.data, at)
        at += result.images.data.length
        adversarial.push(...result.adversarial)
        distance.push(...result.distance)
        task.advance(batch.labels.length)
      }
      task.end()
      await model.dispose()
      writeFileAtomic(options.out, writeNpy(float32(all.images.shape, out)))

      const successes = adversarial.filter(Boolean).length
      const mean = distance.reduce((sum, d) => sum + d, 0) / Math.max(1, count)
      const settings = { norm, epsilon, steps, stepSize, randomStart, restarts: options.restarts, targeted }
      printResult(
        terminal,
        options,
        { model: model.name, ...settings, images: count, adversarial, distance, out: options.out },
        () =>
          `${successes} of ${count} images are adversarial (${norms[norm].name} ${epsilon}, ${steps} steps of ${stepSize}; ` +
          `mean distance ${mean.toPrecision(4)})\n${options.out}\n`,
      )
    })
}
