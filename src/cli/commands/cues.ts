// silhouette cues: shape bias of one network or several, while cues are taken away.

import { join } from 'node:path'
import { type CueCurvesResult, planCues } from '../../audit/cues.ts'
import { classifierOf, readModel } from '../../classifier/load.node.ts'
import { writeCsv } from '../../data/csv.ts'
import { emoji16 } from '../../data/emoji16/emoji16.node.ts'
import { exchangedBackgrounds } from '../../data/emoji16/figures.ts'
import { InputError } from '../../errors/input-error.ts'
import { writeFileAtomic } from '../../files/atomic.node.ts'
import type { Estimate } from '../../probe/index.ts'
import { renderCues } from '../../report/index.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import { Answers, runTasks } from '../../study/index.ts'
import { fileLedger } from '../../study/ledger.node.ts'
import { firstConflicts } from '../../study/study-data.ts'
import { Provenance } from '../../train/recipe.ts'
import {
  type AnyCommand,
  commandProgress,
  newCommand,
  parseCount,
  parseEpsilon,
  parseNorm,
  printResult,
  resamplesOption,
} from '../command.ts'
import { modelOption } from '../model-options.ts'
import { openConflicts } from '../open-data.ts'
import { writtenShare } from '../share.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { packageVersion } from '../version.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'cues',
    'Shape bias of one network or several on the same cue-conflict images: as they are, blurred, made smaller, and ' +
      "attacked against the network's own decision; against the radius of adversarial training where the files tell " +
      'it; and background bias on emoji16. Stopped, it goes on where it stopped.',
  )
    .argument('<models...>', '.onnx files, checkpoints or checkpoint folders')
    .requiredOption('--data <dir>', 'emoji16, or a folder with images such as cat/cat1-bird3.png')
    .option('--out <dir>', 'the run folder', join('runs', 'cues'))
    .option('--limit <n>', 'use the first so many images', parseCount)
    .option('--norm <norm>', 'of the attack: L2 or Linf', parseNorm, 'L2')
    .option(
      '--eps <e>',
      'greatest radius of the attack; the curve has a quarter and a half of it too',
      parseEpsilon,
      3,
    )
    .option('--steps <n>', 'PGD steps', parseCount, 10)
    .addOption(resamplesOption(1000))
    .addOption(modelOption.threads())
    .action(async (paths, options) => {
      const { seed, out, limit, norm, eps, steps, resamples } = options
      const progress = commandProgress(terminal, options)
      const { signal } = terminal
      const runtime = nodeRuntime({ threads: options.threads })
      const models = await Promise.all(
        paths.map(async path => {
          const file = readModel(path)
          return { model: await classifierOf(file, runtime), trainedRadius: trainedRadius(file.notes) }
        }),
      )
      try {
        const [first] = models
        const size = first!.model.preprocessing.size
        const other = models.find(({ model }) => String(model.preprocessing.size) !== String(size))
        if (other !== undefined) {
          throw new InputError(
            `all networks must take images of one size: ${first!.model.name} takes ${size.join('x')}, ` +
              `${other.model.name} ${other.model.preprocessing.size.join('x')}`,
          )
        }
        const isEmbedded = options.data === 'emoji16'
        const all = await openConflicts(options.data, { model: first!.model, seed, progress, signal })
        const clean = () => emoji16({ split: 'clean', size: size[0], seed, progress, signal })
        const plan = planCues({
          models,
          data: firstConflicts(all, limit),
          ...(isEmbedded && {
            backgrounds: firstConflicts(exchangedBackgrounds(await clean()), limit),
          }),
          attack: { norm, radii: [eps / 4, eps / 2, eps], steps },
          seed,
          resamples,
        })
        const { finished } = await runTasks(plan.tasks, fileLedger(join(out, 'ledger')), { progress, signal })
        const result = plan.summarise(new Answers(finished))
        const files = {
          page: join(out, 'cues.html'),
          json: join(out, 'cues.json'),
          csv: join(out, 'cues.csv'),
        }
        writeFileAtomic(files.json, `${JSON.stringify(result, undefined, 2)}\n`)
        writeFileAtomic(files.csv, asCsv(result))
        writeFileAtomic(files.page, renderCues(result, packageVersion()))
        printResult(
          terminal,
          options,
          { seed, ...result, files },
          () => `${written(result)}\n${files.page}\n`,
        )
      } finally {
        for (const { model } of models) await model.dispose()
      }
    })
}

/** What a file of `silhouette train` says of its training: the radius, 0 without attacks, null when it says nothing. */
function trainedRadius(notes: ReadonlyMap<string, string>): number | null {
  const text = notes.get('silhouette.recipe')
  if (text === undefined) return null
  const provenance = Provenance.safeParse(JSON.parse(text))
  return provenance.success ? (provenance.data.recipe.adversarial?.epsilon ?? 0) : null
}

function asCsv({ models, curves, images }: CueCurvesResult): string {
  const rows = curves.flatMap(({ id, points }) =>
    points.flatMap(({ x, values, decided }) =>
      models.map(({ name }, i) => ({
        curve: id,
        x,
        model: name,
        images,
        decided: decided[i]!,
        shape_bias: values[i]?.value ?? '',
        low: values[i]?.low ?? '',
        high: values[i]?.high ?? '',
      })),
    ),
  )
  return writeCsv(['curve', 'x', 'model', 'images', 'decided', 'shape_bias', 'low', 'high'] as const, rows)
}

function written({ models, curves, images, backgrounds, differences }: CueCurvesResult): string {
  const share = (estimate: Estimate | null) => (estimate === null ? 'not measurable' : writtenShare(estimate))
  const rows = curves.flatMap(({ label, points }) => [
    [label, ...models.map(() => '')],
    ...points.map(({ label: point, values }) => [`  ${point}`, ...values.map(share)]),
  ])
  return (
    `shape bias on ${images} images\n\n` +
    table([
      ['', ...models.map(({ name }) => name)],
      ...rows,
      ...(backgrounds > 0
        ? [['background bias', ...models.map(({ backgroundBias }) => share(backgroundBias))]]
        : []),
    ]) +
    differences
      .map(
        ({ first, second, difference, corrected }) =>
          `\n${first} less ${second}, as it is: ${(100 * difference.value).toFixed(1)} points ` +
          `[${(100 * difference.low).toFixed(1)}, ${(100 * difference.high).toFixed(1)}], ` +
          `p ${corrected < 1e-4 ? '< 0.0001' : `= ${corrected.toPrecision(2)}`} (permutations, Holm)`,
      )
      .join('') +
    (differences.length > 0 ? '\n' : '')
  )
}
