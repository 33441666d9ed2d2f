// silhouette gradient: the gradient of the loss with respect to the images, from arrays to an array.

import { loadClassifier } from '../../classifier/load.node.ts'
import { writeNpy } from '../../data/npy.ts'
import { writeFileAtomic } from '../../files/atomic.node.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import { float32 } from '../../tensor/tensor.ts'
import {
  type AnyCommand,
  commandProgress,
  newCommand,
  parseCount,
  parseTriple,
  printResult,
} from '../command.ts'
import { pieces, readLabelledImages } from '../labelled-images.ts'
import { manifestOf } from '../model-options.ts'
import type { Terminal } from '../terminal.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'gradient',
    'Write the gradient of the summed cross-entropies with respect to the images.',
  )
    .argument('<model>', 'an .onnx file, a .safetensors file or a checkpoint folder')
    .requiredOption('--images <path>', 'images [n, 3, h, w] from 0 to 1, .npy, or a folder of class folders')
    .option('--labels <file>', 'class index per image, .npy (default: the class folders)')
    .requiredOption('--out <file>', 'where the gradient [n, 3, h, w] goes, .npy')
    .option('--batch-size <n>', 'images at once', parseCount, 16)
    .option('--threads <n>', 'threads of one operator', parseCount, 2)
    .option('--arch <name>', 'architecture, for files that hold weights only')
    .option('--mean <r,g,b>', 'mean the network wants subtracted, in units of its range', parseTriple)
    .option('--std <r,g,b>', 'standard deviation the network wants divided by', parseTriple)
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
