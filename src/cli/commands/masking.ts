// silhouette masking: whether a network's robustness is to be trusted, or its gradient is only hidden.

import { maskingCheck } from '../../attack/index.ts'
import { loadClassifier } from '../../classifier/load.node.ts'
import { requireInput } from '../../errors/input-error.ts'
import { maskingReason } from '../../probe/index.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import { Random } from '../../tensor/random.ts'
import {
  type AnyCommand,
  CheckFailed,
  commandProgress,
  newCommand,
  parseCount,
  parseEpsilon,
  parseNorm,
  printResult,
} from '../command.ts'
import { readSomeImages, SOME_IMAGES } from '../labelled-images.ts'
import { manifestOf, modelArgument, modelOption } from '../model-options.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'masking',
    'Check that a network withstands attacks and does not only hide its gradient; exit code 1 where it hides it.',
  )
    .argument('<model>', modelArgument)
    .requiredOption('--images <path>', 'images [n, 3, h, w] from 0 to 1, .npy, or a folder of class folders')
    .option('--labels <file>', 'class index per image, .npy (default: the class folders)')
    .option('--norm <name>', 'norm of the perturbation: L2 or Linf', parseNorm, 'L2' as const)
    .option('--eps <e>', 'radius at which the network is said to be robust, such as 8/255', parseEpsilon, 3)
    .option('--n-ex <n>', `look at ${SOME_IMAGES}`, parseCount, 64)
    .option('--steps <n>', 'steps of PGD', parseCount, 50)
    .option('--queries <n>', 'proposals of the random search', parseCount, 300)
    .option('--surrogate <model>', 'another network, whose adversarial images are tried on this one')
    .addOption(modelOption.threads())
    .addOption(modelOption.arch())
    .addOption(modelOption.mean())
    .addOption(modelOption.std())
    .action(async (path, options) => {
      const runtime = nodeRuntime({ threads: options.threads })
      const model = await loadClassifier(path, runtime, manifestOf(options))
      const surrogate =
        options.surrogate === undefined ? undefined : await loadClassifier(options.surrogate, runtime)
      const batch = await readSomeImages(model, options.images, options.labels, options.nEx)
      const { norm, eps: epsilon, steps, queries, seed } = options
      const result = await maskingCheck(model, batch, {
        ...{ norm, epsilon, steps, queries, random: new Random(seed), signal: terminal.signal },
        progress: commandProgress(terminal, options),
        ...(surrogate && { surrogate }),
      })
      await surrogate?.dispose()
      await model.dispose()
      requireInput(
        result.images > 0,
        `${model.name} classifies none of ${batch.labels.length} images rightly: there is nothing to attack`,
      )
      const reasons = result.checks.filter(({ passed }) => !passed).map(maskingReason)
      printResult(
        terminal,
        options,
        { model: model.name, norm, epsilon, steps, queries, ...result, reasons },
        () =>
          [
            `${model.name}, ${norm} ${short(epsilon)}, ${result.images} images classified rightly\n`,
            table(
              result.checks.map(({ name, against, of, passed }) => [
                passed ? 'passed' : 'FAILED',
                name,
                `${against} of ${of} images against`,
              ]),
            ),
            `falls to PGD: ${result.curve.map(point => `${percent(point.fallen)} at ${short(point.epsilon)}`).join(', ')}\n`,
            result.masked ? '' : 'no sign of gradient masking\n',
          ].join(''),
      )
      if (result.masked)
        throw new CheckFailed(
          `${model.name} hides its gradient, robust accuracy is not to be trusted: ${reasons.join('; ')}`,
        )
    })
}

const short = (radius: number) => Number(radius.toPrecision(3))
const percent = (share: number) => `${(100 * share).toFixed(0)} %`
