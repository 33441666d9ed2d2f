// Every decision about every image as a tidy CSV: one row per image, condition and network.

import type { Answers } from './answers.ts'
import type { ImageDecisions } from './chapter.ts'
import { type Names, roles } from './pair.ts'
import type { Plan } from './plan.ts'

const header = 'condition,model,image,label,texture,decision,correct'

/**
 * The table. `label` is the class of the shape where image and texture disagree; `texture` is empty elsewhere;
 * `decision` is empty where a network chose a class that the data does not have.
 */
export function perImageCsv(plan: Plan, names: Names, answers: Answers): string {
  return decisionsCsv(
    roles.map(role => ({
      model: names[role],
      sets: plan.chapters.flatMap(({ chapter }) => chapter.decisions?.(answers, role) ?? []),
    })),
  )
}

/** The same table, of any networks. */
export function decisionsCsv(
  networks: readonly { readonly model: string; readonly sets: readonly ImageDecisions[] }[],
): string {
  const rows = networks.flatMap(({ model, sets }) => sets.flatMap(set => rowsOf(set, model)))
  return `${[header, ...rows].join('\n')}\n`
}

function rowsOf({ condition, classes, ...images }: ImageDecisions, model: string): string[] {
  return images.names.map((name, i) => {
    const [label, decision, texture] = [images.labels[i]!, images.decisions[i]!, images.textures?.[i]]
    return [
      condition,
      model,
      name,
      classes[label] ?? '',
      texture === undefined ? '' : (classes[texture] ?? ''),
      classes[decision] ?? '',
      decision === label ? '1' : '0',
    ]
      .map(cell)
      .join(',')
  })
}

function cell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
