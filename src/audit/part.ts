// A part of an audit's battery: the tasks it needs, and what is made of their answers.

import type { Accuracy, Estimate, Probe } from '../probe/index.ts'
import type { Answers, ImageDecisions, Task } from '../study/index.ts'
import type { Curve, Measure } from './audit.ts'

export interface Part {
  readonly tasks: readonly Task[]
  readonly measures: readonly { readonly id: string; of(answers: Answers): Measure }[]
  curve?(answers: Answers): Curve
  decisions?(answers: Answers): readonly ImageDecisions[]
}

/** Makes a task of a probe of the audited network. */
export type Ask = <R>(label: string, probe: Probe<R>) => Task<R>

/** Accuracy under one condition. */
export function simplePart(id: string, label: string, task: Task<Accuracy>, condition = id): Part {
  return {
    tasks: [task],
    measures: [{ id, of: answers => shareMeasure(id, label, answers.of(task)) }],
    decisions: answers => [decisionsOf(condition, answers.of(task))],
  }
}

export function shareMeasure(
  id: string,
  label: string,
  answer: { accuracy: Estimate; images: number },
): Measure {
  return { id, label, better: 'higher', unit: 'percent', images: answer.images, ...answer.accuracy }
}

export function decisionsOf(condition: string, { classes, perImage }: Accuracy): ImageDecisions {
  return { condition, classes, ...perImage }
}
