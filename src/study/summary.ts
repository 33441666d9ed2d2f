// From the answers of a study's tasks to what the report shows and what the findings are drawn from.

import { wilson } from '../probe/index.ts'
import { type Finding, findings, type Measures, type Pair } from './findings.ts'
import type { Plan, Planned, TaskPair } from './plan.ts'
import type { FinishedTask } from './run.ts'
import type { Picture, Summary } from './study.ts'
import type { Task } from './task.ts'

/** The answers of finished tasks, by task. */
export class Answers {
  private readonly byTask: ReadonlyMap<Task, FinishedTask>

  constructor(finished: readonly FinishedTask[]) {
    this.byTask = new Map(finished.map(one => [one.task, one]))
  }

  of<R>(task: Task<R>): R {
    return task.schema.parse(this.finished(task).outcome.result)
  }

  /** Both networks' answers, each turned into what `value` makes of it. */
  pair<R, V>(tasks: TaskPair<R>, value: (answer: R) => V): { standard: V; robust: V } {
    return { standard: value(this.of(tasks.standard)), robust: value(this.of(tasks.robust)) }
  }

  picture(task: Task, name: string): Picture {
    return { task: this.finished(task).hash, name }
  }

  private finished(task: Task): FinishedTask {
    const finished = this.byTask.get(task)
    if (finished === undefined) throw new Error(`task ${task.label} was not run`)
    return finished
  }
}

/** What the report shows. */
export function summarise(plan: Plan, { config, data }: Planned, answers: Answers): Summary {
  const { attack } = config
  const chance = 1 / data.images.classes.length
  const { shapeBias, samples, examples } = plan
  return {
    accuracies: plan.conditions.map(({ id, label, tasks }) => ({
      id,
      label,
      images: answers.of(tasks.standard).images,
      chance,
      ...answers.pair(tasks, answer => answer.accuracy),
    })),
    ...(plan.attacks.length > 0 && { attacks: attackCurve(plan, attack, answers) }),
    ...(shapeBias && { shapeBias: biasSummary(shapeBias, answers) }),
    smoothness: smoothnessSummary(plan, answers),
    filters: {
      layer: answers.of(plan.filters.standard).layer,
      standard: answers.picture(plan.filters.standard, 'filters'),
      robust: answers.picture(plan.filters.robust, 'filters'),
    },
    ...(samples && shapeBias && { samples: sampleDecisions(samples, shapeBias, answers) }),
    ...(examples && { examples: adversarialExamples(examples, attack, answers) }),
  }
}

/** The findings, from the primary measures alone. */
export function findingsOf(summary: Summary, plan: Plan, { config }: Planned, answers: Answers): Finding[] {
  const condition = (id: string): Pair | undefined => summary.accuracies.find(row => row.id === id)
  const { attack } = config
  const attacked = summary.attacks?.points.find(point => point.epsilon === attack.epsilon)
  const [clean, shapeOnly, textureOnly] = ['clean', 'shape-only', 'texture-only'].map(condition)
  const measures: Measures = {
    ...(clean && { clean }),
    ...(shapeOnly && { shapeOnly }),
    ...(textureOnly && { textureOnly }),
    ...(summary.shapeBias && { shapeBias: summary.shapeBias }),
    ...(summary.smoothness && { smoothness: summary.smoothness.layers }),
    networkSmoothness: answers.pair(plan.smoothness, answer => answer.network.unitNorm),
    ...(attacked && {
      attacked: { ...attacked, attack: `PGD-${attack.steps} (${attack.norm}, ${attack.epsilon})` },
    }),
  }
  return findings(measures, {
    standard: config.models.standard.name,
    robust: config.models.robust.name,
  })
}

function attackCurve(
  plan: Plan,
  { norm, steps, epsilon }: Planned['config']['attack'],
  answers: Answers,
): NonNullable<Summary['attacks']> {
  const [first] = plan.attacks
  if (first === undefined) throw new Error('a curve needs a point')
  const unattacked = answers.pair(first.tasks, ({ cleanAccuracy, images }) =>
    wilson(Math.round(cleanAccuracy * images), images),
  )
  return {
    norm,
    steps,
    epsilon,
    images: answers.of(first.tasks.standard).images,
    points: [
      { epsilon: 0, ...unattacked },
      ...plan.attacks.map(point => ({
        epsilon: point.epsilon,
        ...answers.pair(point.tasks, answer => answer.accuracy),
      })),
    ],
  }
}

function biasSummary(
  tasks: NonNullable<Plan['shapeBias']>,
  answers: Answers,
): NonNullable<Summary['shapeBias']> {
  const { standard, robust } = answers.pair(tasks, answer => answer)
  return {
    standard: standard.shapeBias,
    robust: robust.shapeBias,
    images: standard.images,
    decisions: { standard: standard.hits, robust: robust.hits },
    categories: standard.categories.map(({ name, shapeBias }, i) => ({
      name,
      standard: shapeBias,
      robust: robust.categories[i]?.shapeBias ?? null,
    })),
  }
}

/** The layers of both networks side by side; those that only one of them has are left out. */
function smoothnessSummary(plan: Plan, answers: Answers): NonNullable<Summary['smoothness']> {
  const { standard, robust } = answers.pair(plan.smoothness, answer => answer)
  return {
    layers: standard.layers.flatMap(own => {
      const other = robust.layers.find(({ layer }) => layer === own.layer)
      return other === undefined
        ? []
        : [{ layer: own.layer, units: own.units, standard: own.unitNorm, robust: other.unitNorm }]
    }),
    network: { standard: standard.network.unitNorm, robust: robust.network.unitNorm },
  }
}

function sampleDecisions(
  samples: NonNullable<Plan['samples']>,
  tasks: NonNullable<Plan['shapeBias']>,
  answers: Answers,
): NonNullable<Summary['samples']> {
  const { places } = answers.of(samples)
  const { standard, robust } = answers.pair(tasks, answer => answer)
  const className = (index: number | undefined) => standard.classes[index ?? -1] ?? 'another class'
  return {
    pictures: places.map((_, i) => answers.picture(samples, `sample-${i}`)),
    decisions: places.map(place => ({
      shape: className(standard.perImage.shapes[place]),
      texture: className(standard.perImage.textures[place]),
      standard: className(standard.perImage.decisions[place]),
      robust: className(robust.perImage.decisions[place]),
    })),
  }
}

function adversarialExamples(
  task: NonNullable<Plan['examples']>,
  { norm, epsilon }: Planned['config']['attack'],
  answers: Answers,
): NonNullable<Summary['examples']> {
  const { amplification, rows } = answers.of(task)
  return {
    amplification,
    epsilon,
    norm,
    rows: rows.map(({ label, standard, robust }, i) => {
      const side = (role: 'standard' | 'robust', attacked: typeof standard) => ({
        label,
        ...attacked,
        image: answers.picture(task, `${role}-${i}`),
        perturbation: answers.picture(task, `${role}-perturbation-${i}`),
      })
      return {
        original: answers.picture(task, `original-${i}`),
        standard: side('standard', standard),
        robust: side('robust', robust),
      }
    }),
  }
}
