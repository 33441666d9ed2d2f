// silhouette attack: adversarial examples by any of the attacks, at one radius or several, as an array or as a set
// of checked 8-bit files.

import { basename, join } from 'node:path'
import { Option } from '@commander-js/extra-typings'
import {
  type AttackName,
  attackNames,
  autoAttackMembers,
  autoAttackVersions,
  chosenAttacks,
  expectation,
  predictions,
  runAttack,
  untargetedLosses,
} from '../../attack/index.ts'
import { type Piece, Pieces } from '../../attack/pieces.node.ts'
import type { Classifier } from '../../classifier/classifier.ts'
import { ensembleOf } from '../../classifier/ensemble.ts'
import { loadClassifier } from '../../classifier/load.node.ts'
import { fingerprintOf } from '../../data/fingerprint.ts'
import { writeNpy } from '../../data/npy.ts'
import { requireInput } from '../../errors/input-error.ts'
import { writeFileAtomic } from '../../files/atomic.node.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import { Random } from '../../tensor/random.ts'
import { type FloatTensor, float32 } from '../../tensor/tensor.ts'
import { summarise, summaryText } from '../attack-summary.ts'
import {
  type AnyCommand,
  commandProgress,
  listOf,
  newCommand,
  numberFrom,
  oneOf,
  parseCount,
  parseEpsilons,
  parseNorm,
  printResult,
} from '../command.ts'
import { type LabelledImages, pieces, readSomeImages, SOME_IMAGES } from '../labelled-images.ts'
import { modelInfo } from '../model-info.ts'
import { manifestOf, modelArgument, modelOption } from '../model-options.ts'
import type { Terminal } from '../terminal.ts'
import { type Verified, verifiedText, writeVerifiedSet } from '../verified-set.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'attack',
    'Search for adversarial examples, and say how many images withstand the search.',
  )
    .argument('<model>', modelArgument)
    .requiredOption('--images <path>', 'images [n, 3, h, w] from 0 to 1, .npy, or a folder of class folders')
    .option('--labels <file>', 'class index per image, .npy (default: the class folders)')
    .requiredOption('--out <path>', 'an .npy file, or a folder for images/*.png, labels.csv and result.json')
    .addOption(
      new Option(
        '--attack <list>',
        `of ${attackNames.join(', ')}; of several the worst case: each gets what withstood those before`,
      )
        .argParser(listOf(attackNames))
        .default<AttackName[]>(['pgd'], 'pgd'),
    )
    .option('--norm <name>', 'norm of the perturbation: L2 or Linf', parseNorm, 'L2' as const)
    .option(
      '--eps <list>',
      'radii of the ball for pixels of 0 to 1, such as 2/255,4/255 (default: 3)',
      parseEpsilons,
    )
    .option('--n-ex <n>', `attack ${SOME_IMAGES}`, parseCount)
    .option(
      '--steps <n>',
      'gradient steps, or proposals of square (default: the attack’s own; 7 for pgd)',
      parseCount,
    )
    .option('--step-size <s>', 'length of a step (default: 2.5 eps / steps for pgd)', numberFrom(0))
    .option(
      '--loss <name>',
      `what pgd, mi-fgsm and apgd climb: ${untargetedLosses.join(', ')}`,
      oneOf(untargetedLosses),
    )
    .option('--no-random-start', 'pgd: start at the image itself, not at a random point of the ball')
    .option('--restarts <n>', 'random starts, of which the best outcome is kept', parseCount)
    .option('--best', 'pgd: keep the best iterate instead of the last')
    .option('--early-stop', 'pgd: let an image go when it is adversarial')
    .option('--targeted', 'pgd, fgsm, mi-fgsm: the labels are the classes to reach, not to leave')
    .option('--target-classes <n>', 'apgd, fab: aim at the n likeliest wrong classes in turn', parseCount)
    .option('--variant <name>', `of autoattack: ${autoAttackVersions.join(', ')}`, oneOf(autoAttackVersions))
    .option(
      '--members <list>',
      `the attacks of autoattack’s variant custom, of ${autoAttackMembers.join(', ')}`,
      listOf(autoAttackMembers),
    )
    .option(
      '--queries <n>',
      'proposals of square in autoattack or a list of attacks (default: 5000)',
      parseCount,
    )
    .option('--eot <n>', 'attack the mean of n answers, for networks that draw at random', parseCount)
    .option(
      '--minimal <n>',
      'find the nearest adversarial image by n bisections of the largest eps',
      parseCount,
    )
    .option('--ensemble <models...>', 'attack the mean of the logits of the model and of these')
    .option('--transfer-to <model>', 'show the images to this network too')
    .option('--batch-size <n>', 'images attacked at once', parseCount, 16)
    .option('--resume', 'go on after the last finished batch of the same run')
    .addOption(modelOption.threads())
    .addOption(modelOption.arch())
    .addOption(modelOption.mean())
    .addOption(modelOption.std())
    .action(async (path, options) => {
      const { norm, targeted = false, minimal: bisections } = options
      const { signal } = terminal
      const eps = (options.eps ?? parseEpsilons('3')).toSorted((a, b) => a.value - b.value)
      const name = options.attack.join(',')
      const asArray = options.out.endsWith('.npy')
      requireInput(
        !asArray || eps.length === 1,
        `one .npy file holds one eps, found ${eps.length}: name a folder`,
      )
      const attack = chosenAttacks(options.attack, {
        norm,
        steps: options.steps,
        stepSize: options.stepSize,
        restarts: options.restarts,
        targetClasses: options.targetClasses,
        loss: options.loss,
        fromImages: options.randomStart ? undefined : true,
        best: options.best,
        earlyStop: options.earlyStop,
        targeted,
        version: options.variant,
        members: options.members,
        queries: options.queries,
        signal,
      })
      const runtime = nodeRuntime({ threads: options.threads })
      const members = [await loadClassifier(path, runtime, manifestOf(options))]
      for (const other of options.ensemble ?? []) members.push(await loadClassifier(other, runtime))
      const attacked = members.length > 1 ? await ensembleOf(members) : members[0]!
      const victim = options.transferTo && (await loadClassifier(options.transferTo, runtime))
      const model = options.eot === undefined ? attacked : expectation(attacked, options.eot)
      const all = await readSomeImages(model, options.images, options.labels, options.nEx)

      const settings = {
        ...{ attack: name, norm, eps: eps.map(({ value }) => value), batchSize: options.batchSize },
        ...{
          steps: options.steps,
          stepSize: options.stepSize,
          loss: options.loss,
          restarts: options.restarts,
        },
        ...{ randomStart: options.randomStart, best: options.best, earlyStop: options.earlyStop, targeted },
        ...{ targetClasses: options.targetClasses, version: options.variant, members: options.members },
        ...{ queries: options.queries, minimal: bisections, seed: options.seed },
      }
      const identity = await identityOf(model, victim || undefined, all, settings)
      const store = new Pieces(`${options.out}.partial`, identity, options.resume ?? false)
      const task = commandProgress(terminal, options).start('attacking', all.labels.length, 'images')
      const done: Piece[] = []
      for (const [k, batch] of [...pieces(all, options.batchSize)].entries()) {
        signal.throwIfAborted()
        const finished = store.read(k)
        const piece =
          finished ??
          (await pieceOf(model, batch, new Random(options.seed).fork(`images ${k}`), {
            attack,
            norm,
            epsilons: settings.eps,
            bisections,
            victim: victim || undefined,
          }))
        if (finished === undefined) store.write(k, piece)
        done.push(piece)
        task.advance(batch.labels.length)
      }
      task.end()

      const summary = summarise(
        done.map(({ facts }) => facts),
        targeted,
      )
      const images = eps.map((_, k) => joined(done.map(piece => piece.images[k]!)))
      const verified: Verified[] = []
      if (asArray) writeFileAtomic(options.out, writeNpy(images[0]!))
      else {
        const labels = targeted ? predictions(await model.logits(all.images)) : all.labels
        for (const [k, { text, value }] of eps.entries()) {
          const folder = eps.length === 1 ? options.out : join(options.out, `eps-${text.replace('/', '_')}`)
          const adversarial = done.flatMap(({ facts }) => facts.points[k]!.adversarial)
          const set = { originals: all.images, images: images[k]!, adversarial, labels, norm, epsilon: value }
          verified.push(
            await writeVerifiedSet(folder, model, { ...set, ...(targeted && { targets: all.labels }) }),
          )
        }
      }
      const last = done.flatMap(({ facts }) => facts.points[eps.length - 1]!)
      const result = {
        model: model.name,
        ...settings,
        ...summary,
        ...(verified.length > 0 && { verified }),
        adversarial: last.flatMap(point => point.adversarial),
        distance: last.flatMap(point => point.distance),
        out: options.out,
      }
      if (!asArray) {
        writeFileAtomic(join(options.out, 'result.json'), `${JSON.stringify(result, undefined, 2)}\n`)
        const strongest = summary.epsilons.at(-1)
        if (name === 'autoattack' && summary.cleanAccuracy && strongest?.robustAccuracy) {
          const { cleanAccuracy, images: n } = summary
          const info = modelInfo({
            ...{
              name: model.name,
              architecture: options.arch,
              dataset: basename(options.images),
              norm,
              images: n,
            },
            ...{ eps: eps.at(-1)!.text, cleanAccuracy, robustAccuracy: strongest.robustAccuracy },
            unreliable: summary.warnings.length > 0,
          })
          writeFileAtomic(join(options.out, 'model_info.json'), info)
        }
      }
      store.clear()
      if (victim) await victim.dispose()
      if (members.length > 1) await model.dispose()
      for (const member of members) await member.dispose()
      printResult(terminal, options, result, () =>
        [
          `${name}, ${norm}, on ${model.name}: ${summaryText(
            summary,
            eps.map(({ text }) => text),
          )}`,
          ...verified.map(
            (counts, k) => `${eps.length > 1 ? `eps ${eps[k]!.text} ` : ''}${verifiedText(counts)}\n`,
          ),
          `${options.out}\n`,
        ].join(''),
      )
    })
}

async function pieceOf(
  model: Classifier,
  batch: LabelledImages,
  random: Random,
  settings: Parameters<typeof runAttack>[2],
): Promise<Piece> {
  const { right, rightThere, points, told } = await runAttack(model, batch, settings, random)
  return {
    facts: {
      right: [...right],
      ...(rightThere && { rightThere: [...rightThere] }),
      points: points.map(({ epsilon, result, transferred }) => ({
        epsilon,
        adversarial: [...result.adversarial],
        distance: [...result.distance],
        queries: [...result.queries],
        ...(transferred && { transferred: [...transferred] }),
      })),
      stages: told.flatMap(({ stages = [] }) =>
        stages.map(({ attack, attempted, broken }) => ({ attack, attempted, broken })),
      ),
      warnings: told.flatMap(({ warnings = [] }) => [...warnings]),
    },
    images: points.map(({ result }) => result.images),
  }
}

/** Everything that the result depends on. */
async function identityOf(
  model: Classifier,
  victim: Classifier | undefined,
  { images, labels }: LabelledImages,
  settings: object,
): Promise<string> {
  const bytes = ({ buffer, byteOffset, byteLength }: Float32Array | Int32Array) =>
    new Uint8Array(buffer, byteOffset, byteLength)
  const data = await fingerprintOf([bytes(images.data), bytes(labels)])
  return `${JSON.stringify({ model: model.fingerprint, victim: victim?.fingerprint, data, settings })}\n`
}

function joined(parts: readonly FloatTensor[]): FloatTensor {
  const [first] = parts
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0))
  let at = 0
  for (const part of parts) {
    data.set(part.data, at)
    at += part.data.length
  }
  return float32(
    [parts.reduce((sum, part) => sum + part.shape[0]!, 0), ...(first?.shape.slice(1) ?? [])],
    data,
  )
}
