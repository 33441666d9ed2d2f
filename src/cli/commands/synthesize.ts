// silhouette synthesize: pictures made with a classifier, judged by others.

import { readFileSync } from 'node:fs'
import { loadClassifier } from '../../classifier/load.node.ts'
import { InputError } from '../../errors/input-error.ts'
import { writeFileAtomic } from '../../files/atomic.node.ts'
import { imageSource } from '../../report/html.ts'
import { type ColumnImages, renderSynthesis } from '../../report/synthesis.ts'
import { nodeRuntime } from '../../runtime/node.ts'
import { exhibitFiles, writeExhibit } from '../../synth/files.node.ts'
import { type Exhibit, exhibit, indexTraining, type Maker, recipeNames, recipeOf } from '../../synth/index.ts'
import { Random } from '../../tensor/random.ts'
import {
  type AnyCommand,
  commandProgress,
  newCommand,
  numberFrom,
  oneOf,
  parseCount,
  parseNorm,
  printResult,
} from '../command.ts'
import { modelArgument, modelOption } from '../model-options.ts'
import { openSynthesisData, synthesisInputs } from '../synthesis-inputs.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { packageVersion } from '../version.ts'

export function command(terminal: Terminal): AnyCommand {
  return newCommand(
    'synthesize',
    'Make pictures with a network, whose gradient moves them: a robust network is a prior for images. Recipes: ' +
      `${recipeNames.join(', ')}. Writes the pictures, a page with the measures (index.html) and exhibit.json.`,
  )
    .argument('<recipe>', 'what to make', oneOf(recipeNames))
    .argument('<model>', modelArgument)
    .requiredOption('--out <dir>', 'where pictures and page go')
    .option('--data <name>', 'where images come from: emoji16, a folder of class folders or of IDX files')
    .option('--train <dir>', 'images to learn class Gaussians and neighbours from (default: --data)')
    .option('--against <model>', 'a standard network that does the same beside')
    .option('--judge <model...>', 'other networks of the same classes that say what they see')
    .option('--count <n>', 'pictures', parseCount, 16)
    .option('--classes <names>', 'classes that the pictures should become, in turn, such as cat,dog')
    .option('--mask <png>', 'bright where the picture may change (inpaint, paint; default: a square)')
    .option('--factor <n>', 'how many times smaller the images of super-resolution are', parseCount)
    .option('--layer <name>', 'layer of units and representations (default: the last)')
    .option('--units <list>', 'units of the layer, such as 3,5 or 0-15')
    .option('--gaussians <file>', 'class Gaussians (.safetensors); fitted and written where there is none')
    .option('--norm <name>', 'norm of the ball: L2 or Linf', parseNorm)
    .option('--eps <e>', 'radius of the ball in pixel units of 0 to 1', numberFrom(0))
    .option('--step-size <s>', 'length of a step', numberFrom(0))
    .option('--steps <n>', 'steps', parseCount)
    .option('--batch-size <n>', 'pictures per run', parseCount)
    .addOption(modelOption.threads())
    .action(async (recipe, path, options) => {
      const { seed, out, norm, eps, stepSize, steps } = options
      const progress = commandProgress(terminal, options)
      const work = { progress, signal: terminal.signal }
      const runtime = nodeRuntime({ threads: options.threads })
      const load = (from: string) => loadClassifier(from, runtime)
      const model = await load(path)
      const makers: Maker[] = [{ kind: 'robust', model }]
      if (options.against !== undefined) makers.push({ kind: 'standard', model: await load(options.against) })
      const judges = await Promise.all((options.judge ?? []).map(load))
      for (const judge of judges) {
        const self = makers.find(maker => maker.model.fingerprint === judge.fingerprint)
        if (self) throw new InputError(`${judge.name} would judge its own pictures: name another network`)
      }
      const data = await openSynthesisData(model, recipe, options, work)
      const inputs = await synthesisInputs(model, recipe, options, data, work)
      const needsTraining = data !== undefined && recipeOf(recipe).wanted !== undefined
      const training = needsTraining
        ? await indexTraining(judges[0] ?? model, data.training, work)
        : undefined
      const made = await exhibit({
        recipe,
        makers,
        judges,
        inputs,
        data: data?.images.name ?? 'none',
        ...(training && { training }),
        seed,
        random: new Random(seed),
        settings: {
          ...(norm !== undefined && { norm }),
          ...(eps !== undefined && { epsilon: eps }),
          ...(stepSize !== undefined && { stepSize }),
          ...(steps !== undefined && { steps }),
        },
        ...(options.batchSize !== undefined && { batchSize: options.batchSize }),
        ...work,
      })
      for (const used of [...makers.map(maker => maker.model), ...judges]) await used.dispose()
      await writeExhibit(out, made)
      const files = exhibitFiles(out)
      writeFileAtomic(
        files.page,
        renderSynthesis(made.result, pageImages(made.result, out), packageVersion()),
      )
      printResult(
        terminal,
        options,
        { ...made.result, out },
        () => `${summary(made.result)}\n${files.page}\n`,
      )
    })
}

function pageImages({ columns }: Exhibit, folder: string): Record<string, ColumnImages> {
  const files = exhibitFiles(folder)
  const png = (path: string) => imageSource(path, readFileSync(path))
  const webp = (path: string) => `data:image/webp;base64,${readFileSync(path).toString('base64')}`
  return Object.fromEntries(
    columns.map(({ key, settings }) => [
      key,
      {
        sheet: png(files.sheet(key)),
        ...(settings && { film: png(files.film(key)), animation: webp(files.animation(key)) }),
      },
    ]),
  )
}

function summary({ rows, columns }: Exhibit): string {
  const header = ['', ...columns.map(column => column.name)]
  const lines = rows.map(row => [
    row.measure,
    ...columns.map(({ key }) => {
      const estimate = row.values[key]
      if (estimate === undefined) return '-'
      return row.isShare ? `${(100 * estimate.value).toFixed(1)} %` : estimate.value.toPrecision(4)
    }),
  ])
  return table(
    [header, ...lines],
    columns.map((_, i) => i + 1),
  )
}
