// One network of a sweep as a task: trained in a folder of its own, then asked what all are asked. Both go on where they
// were stopped, so that the task itself need not be remembered.

import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { createClassifier } from '../classifier/create.ts'
import { loadClassifier } from '../classifier/load.node.ts'
import { emoji16ConceptDataset } from '../data/emoji16/concepts.ts'
import { emoji16 } from '../data/emoji16/emoji16.node.ts'
import type { Accuracy } from '../probe/accuracy.ts'
import type { Runtime } from '../runtime/session.ts'
import { fileLedger } from '../study/ledger.node.ts'
import { runTasks } from '../study/run.ts'
import { openStudyData } from '../study/study-data.node.ts'
import type { Task, TaskContext } from '../study/task.ts'
import { Random } from '../tensor/random.ts'
import { elementCount } from '../tensor/shape.ts'
import { openTrainingData } from '../train/data.node.ts'
import { shapeOf } from '../train/recipe.ts'
import { type FinishedRun, trainInFolder } from '../train/run.node.ts'
import { buildNetwork } from '../zoo/architectures.ts'
import { RightPerImage } from './comparison.ts'
import { type Member, membersOf, type SweepConfig } from './config.ts'
import { measureTasks } from './measure.ts'
import { SweepImages, SweepRow } from './result.ts'

export const MeasuredMember = z.object({ row: SweepRow, images: SweepImages, right: RightPerImage })
export type MeasuredMember = z.infer<typeof MeasuredMember>

export interface MemberOptions {
  readonly config: SweepConfig
  /** How errors call the config. */
  readonly what: string
  /** The folder that paths of the config are seen from. */
  readonly base: string
  /** The sweep's folder. */
  readonly out: string
  readonly runtime: Runtime
}

/** The networks of a sweep in the order of its config; none has been trained. */
export function memberTasks(options: MemberOptions): Task<MeasuredMember>[] {
  const { config, what, base } = options
  return membersOf(config, what).map(given => {
    const member = withPaths(given, base)
    const { name, recipe } = member
    return {
      label: name,
      inParts: true,
      identity: {
        probe: 'sweep-member',
        version: 1,
        options: JSON.stringify({ name, recipe, data: config.data, measure: config.measure }),
        models: {},
        data: [],
        seed: config.seed,
      },
      schema: MeasuredMember,
      run: async context => ({ result: await measuredMember(member, options, context) }),
    }
  })
}

/** With the paths of its data seen from the config. */
function withPaths({ recipe, ...member }: Member, base: string): Member {
  const { data, validation } = recipe
  return {
    ...member,
    recipe: {
      ...recipe,
      data: data === 'emoji16' ? data : resolve(base, data),
      ...(validation !== undefined && { validation: resolve(base, validation) }),
    },
  }
}

/** Trains and measures one network, as far as that is still to be done. */
async function measuredMember(
  member: Member,
  { config, base, out, runtime }: MemberOptions,
  { progress, signal }: TaskContext,
): Promise<MeasuredMember> {
  const { recipe } = member
  const folder = join(out, 'networks', member.name)
  const { data: training, validation } = await openTrainingData(recipe, {
    progress,
    ...(signal && { signal }),
  })
  const run = await trainInFolder({
    recipe,
    data: training,
    validation,
    runtime,
    out: folder,
    progress,
    signal,
  })
  const model = await loadClassifier(folder, runtime)
  const untrained = await createClassifier({
    ...buildNetwork(recipe.arch, {
      classes: model.classes.length,
      size: model.preprocessing.size[0],
      random: new Random(recipe.seed).fork('weights'),
      ...shapeOf(recipe),
    }),
    name: `${member.name} untrained`,
    classes: model.classes,
    runtime,
  })
  try {
    const { limit, simplicity } = config.measure
    const data = await openStudyData({ data: config.data, limit }, model, { base, progress, signal })
    const concepts =
      simplicity && config.data.kind === 'emoji16'
        ? emoji16ConceptDataset(
            await emoji16({ split: 'dissection', size: model.preprocessing.size[0], progress }),
          )
        : undefined
    const tasks = measureTasks(
      { model, untrained, data, training, ...(concepts && { concepts: await concepts }) },
      config,
    )
    const { finished } = await runTasks(Object.values(tasks), fileLedger(join(out, 'ledger')), {
      progress,
      ...(signal && { signal }),
    })
    const answer = <R>(task: Task<R>): R =>
      task.schema.parse(finished.find(one => one.task === task)!.outcome.result)
    return {
      row: rowFrom(member, run, tasks, answer, folder),
      images: {
        clean: answer(tasks.clean).images,
        attacked: answer(tasks.robust).images,
        autoAttacked: tasks.autoAttack ? answer(tasks.autoAttack).images : 0,
        cueConflict: tasks.shapeBias ? answer(tasks.shapeBias).images : 0,
      },
      right: {
        clean: rightIn(answer(tasks.clean)),
        robust: rightIn(answer(tasks.robust)),
        autoAttack: tasks.autoAttack ? rightIn(answer(tasks.autoAttack)) : [],
      },
    }
  } finally {
    await model.dispose()
    await untrained.dispose()
  }
}

const rightIn = ({ perImage: { labels, decisions } }: Pick<Accuracy, 'perImage'>) =>
  decisions.map((decision, i) => decision === labels[i])

function rowFrom(
  { name, group, scheme, recipe }: Member,
  { network, state, stopped }: FinishedRun,
  tasks: ReturnType<typeof measureTasks>,
  answer: <R>(task: Task<R>) => R,
  folder: string,
): SweepRow {
  const variation = tasks.smoothness && answer(tasks.smoothness)
  const concepts = tasks.dissection && answer(tasks.dissection)
  const diverse = tasks.diversity && answer(tasks.diversity)
  const similarities = diverse?.layers.flatMap(layer => layer.similarity?.value ?? []) ?? []
  return {
    name,
    group,
    ...(scheme && { scheme }),
    recipe,
    parameters: network.parameters.reduce(
      (sum, parameter) => sum + elementCount(network.graph.initializers.get(parameter)!.shape),
      0,
    ),
    epochs: state.log.length,
    ...(stopped !== undefined && { stopped }),
    secondsPerEpoch: secondsPerEpoch(join(folder, 'times.csv')),
    clean: answer(tasks.clean).accuracy,
    robust: answer(tasks.robust).accuracy,
    autoAttack: tasks.autoAttack ? answer(tasks.autoAttack).accuracy : null,
    shapeBias: tasks.shapeBias ? answer(tasks.shapeBias).shapeBias : null,
    smoothness: variation
      ? { first: variation.layers[0]!.unitNorm, network: variation.network.unitNorm }
      : null,
    detectors: concepts
      ? {
          units: concepts.layers.reduce((sum, layer) => sum + layer.units.length, 0),
          categories: (concepts.layers[0]?.categories ?? []).map(({ category }, c) => ({
            category,
            detectors: concepts.layers.reduce((sum, layer) => sum + layer.categories[c]!.detectors, 0),
          })),
        }
      : null,
    similarity:
      similarities.length > 0 ? similarities.reduce((a, b) => a + b, 0) / similarities.length : null,
    naswot: answer(tasks.naswot).score,
  }
}

/** The median: an epoch during which the machine did something else does not count. */
function secondsPerEpoch(path: string): number | null {
  if (!existsSync(path)) return null
  const [, ...rows] = readFileSync(path, 'utf8').trim().split('\n')
  const seconds = rows.map(row => Number(row.split(',')[1])).sort((a, b) => a - b)
  return seconds[Math.floor(seconds.length / 2)] ?? null
}
