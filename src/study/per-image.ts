// Every decision about every image as a tidy CSV: one row per image, condition and network.

import type { Plan, Planned } from './plan.ts'
import type { Answers } from './summary.ts'

const header = 'condition,model,image,label,texture,decision,correct'

/**
 * The table. `label` is the class of the shape where image and texture disagree; `texture` is empty elsewhere;
 * `decision` is empty where a network chose a class that the data does not have.
 */
export function perImageCsv(plan: Plan, { config }: Planned, answers: Answers): string {
  const lines = [header]
  for (const role of ['standard', 'robust'] as const) {
    const model = config.models[role].name
    const add = (condition: string, classes: readonly string[], images: Decisions) => {
      for (const [i, name] of images.names.entries()) {
        const [label, decision, texture] = [images.labels[i]!, images.decisions[i]!, images.textures?.[i]]
        lines.push(
          [
            condition,
            model,
            name,
            classes[label] ?? '',
            texture === undefined ? '' : (classes[texture] ?? ''),
            classes[decision] ?? '',
            decision === label ? '1' : '0',
          ]
            .map(cell)
            .join(','),
        )
      }
    }
    for (const { id, tasks } of plan.conditions) {
      const { classes, perImage } = answers.of(tasks[role])
      add(id, classes, perImage)
    }
    if (plan.shapeBias) {
      const { classes, perImage } = answers.of(plan.shapeBias[role])
      add('cue-conflict', classes, { ...perImage, labels: perImage.shapes })
    }
    for (const { epsilon, tasks } of plan.attacks) {
      const { classes, perImage } = answers.of(tasks[role])
      add(`pgd-${config.attack.norm}-${epsilon}`, classes, perImage)
    }
  }
  return `${lines.join('\n')}\n`
}

interface Decisions {
  readonly names: readonly string[]
  readonly labels: readonly number[]
  readonly decisions: readonly number[]
  readonly textures?: readonly number[]
}

function cell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
