// silhouette gradient: the gradient of the loss with respect to the images, from arrays to an array.

import { loadClassifier } from '../../classifier/load.node.ts'
import { writeNpy } from '../../data/npy.ts'
import { writeFileAtomic } from '../../files/atomic.node.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import { float32 } from '../../tensor/tensor.ts'
import { type AnyCommand, commandProgress, newCommand, parseCount, printResult } from '../command.ts'
import { pieces, readLabelledImages } from '../labelled-images.ts'
import { manifestOf, modelArgument, modelOption } from '../model-options.ts'
import type { Terminal } from '../terminal.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'gradient',
    'Write the gradient of the summed cross-entropies with respect to the images.',
  )
    .argument('<model>', modelArgument)
    .requiredOption('--images <path>', 'images [n, 3, h, w] from 0 to 1, .npy, or a folder of class folders')
    .option('--labels <file>', 'class index per image, .npy (default: the class folders)')
    .requiredOption('--out <file>', 'where the gradient [n, 3, h, w] goes, .npy')
    .option('--batch-size <n>', 'images at once', parseCount, 16)
    .addOption(modelOption.threads())
    .addOption(modelOption.arch())
    .addOption(modelOption.mean())
    .addOption(modelOption.std())
    .action(async (path, options) => {
      const runtime = nodeRuntime({ threads: options.threads })
      const model = await loadClassifier(path, runtime, manifestOf(options))
      const all = await readLabelledImages(model, options.images, options.labels)
      const task = commandProgress(terminal, options).start('gradients', all.labels.length, 'images')
      const out = new Float32Array(all.images.data.length)
      const losses: number[] = []
      let at = 0
      for (const { images, labels } of pieces(all, options.batchSize)) {
        terminal.signal.throwIfAborted()
        const { gradient, loss } = await model.lossGradient(images, labels)
        out.set(gradient.data, at)
        at += gradient.data.length
        losses.push(...loss.data)
        task.advance(labels.length)
      }
      task.end()
      await model.dispose()
      writeFileAtomic(options.out, writeNpy(float32(all.images.shape, out)))
      const total = losses.reduce((sum, loss) => sum + loss, 0)
      printResult(
        terminal,
        options,
        { model: model.name, images: losses.length, losses, out: options.out },
        () => `loss ${total.toPrecision(6)}, the sum over ${losses.length} images\n${options.out}\n`,
      )
    })
}
